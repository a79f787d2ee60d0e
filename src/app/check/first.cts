// Required before the modules that Node's flags name; Workers of the app inherit the flag, and are left alone.
import threads = require('node:worker_threads');

if (threads.isMainThread) {
  const { emitWarning } = process;
  // That it is experimental to require an ES module (up to Node 22) is nothing that the app's log should hold.
  process.emitWarning = () => {};
  require('./main.js');
  process.emitWarning = emitWarning;
}
