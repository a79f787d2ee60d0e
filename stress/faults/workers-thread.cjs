// Makes text of the length that it is asked for: as piscina's, or by messages that it takes after Atomics.wait.
const { parentPort, receiveMessageOnPort, workerData } = require('node:worker_threads');

module.exports = (length) => 'x'.repeat(length);

if (workerData?.words) {
  for (let seen = 0; ; ) {
    Atomics.wait(workerData.words, 0, seen);
    seen = Atomics.load(workerData.words, 0);
    for (;;) {
      const told = receiveMessageOnPort(parentPort);
      if (told === undefined) break;
      const { id, length } = told.message;
      parentPort.postMessage({ id, result: module.exports(length) });
    }
  }
}
