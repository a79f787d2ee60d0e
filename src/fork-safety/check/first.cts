// Required before the modules that Node's flags name, in the app's process and in its Workers, which inherit the flag.
import threads = require('node:worker_threads');

const { emitWarning } = process;
// That it is experimental to require an ES module (up to Node 22) is nothing that the app's log should hold.
process.emitWarning = () => {};
if (threads.isMainThread) {
  require('./main.js');
  require('../../app/worker-threads.js').followIntoWorkers(__filename);
} else {
  require('../../app/enter-thread.cjs').enter(__filename);
}
process.emitWarning = emitWarning;
