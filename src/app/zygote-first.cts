// Required before the modules that Node's flags name, in the zygote and in the Workers of the app, which inherit the flag.
import threads = require('node:worker_threads');
import program = require('../node/program.cjs');

type ZygoteMain = typeof import('./zygote-main.js', { with: { 'resolution-mode': 'import' }});

if (threads.isMainThread) {
  const { followIntoWorkers } = program.load(`${__dirname}/zygote-main.cjs`) as ZygoteMain;
  followIntoWorkers(__filename);
} else {
  const { emitWarning } = process;
  // That it is experimental to require an ES module (up to Node 22) is nothing that the app's log should hold.
  process.emitWarning = () => {};
  require('./enter-thread.cjs').enter(__filename);
  process.emitWarning = emitWarning;
}
