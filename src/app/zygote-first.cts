// Required before the modules that Node's flags name, in the zygote and in the Workers of the app, which inherit the flag.
import threads = require('node:worker_threads');

const { emitWarning } = process;
// That it is experimental to require an ES module (up to Node 22) is nothing that the app's log should hold.
process.emitWarning = () => {};
if (threads.isMainThread) {
  require('./zygote-main.js');
  require('./worker-threads.js').followIntoWorkers(__filename);
} else {
  require('./enter-thread.cjs').enter(__filename);
}
process.emitWarning = emitWarning;
