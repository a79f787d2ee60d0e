// A Worker of the parent under test: by its kind it waits, computes, allocates, reads files, or sends messages to a
// twin. Asked by a message or by Atomics.notify, it says who it is and what random numbers it draws.
import assert from 'node:assert/strict';
import { createHash, pbkdf2, randomInt, randomUUID } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';

const { kind, shared, twin } = workerData;

const whoIAm = () => ({
  pid: process.pid,
  draws: [Math.random(), randomUUID(), randomInt(2 ** 47), Math.random()].map(String),
});
whoIAm(); // Node's pools of random bytes are filled before any fork.

let stopped = false;

const kinds = {
  idle() {},
  ticking() {
    setInterval(() => {}, 3);
  },
  async computing() {
    for (;;) {
      for (const end = performance.now() + 15; performance.now() < end; ) createHash('sha256').update('x').digest();
      await sleep(5);
    }
  },
  async allocating() {
    for (let window = [], round = 0; ; round++) {
      window.push(Array.from({ length: 5000 }, (_, i) => ({ i, text: `${round} ${i}` })));
      if (window.length > 40) window = window.slice(20);
      assert.equal(window[0][7].i, 7);
      await sleep(2);
    }
  },
  async files() {
    const key = (await promisify(pbkdf2)('a', 'b', 500, 8, 'sha1')).toString('hex');
    while (!stopped) {
      assert.equal((await promisify(pbkdf2)('a', 'b', 500, 8, 'sha1')).toString('hex'), key);
      assert.match(await fs.readFile('/proc/self/status', 'utf8'), /^Name:/);
      await sleep(3);
    }
    process.exit(1);
  },
  storm(twin) {
    twin.on('message', (count) => twin.postMessage(count + 1));
    twin.postMessage(0);
  },
};

if (kind === 'waiting') {
  const words = new Int32Array(shared);
  for (;;) {
    Atomics.wait(words, 0, 0);
    Atomics.store(words, 0, 0);
    Atomics.store(words, 1, process.pid);
    Atomics.notify(words, 1);
  }
}
parentPort.on('message', (question) => {
  if (question.stop) stopped = true;
  else if (question.twin) kinds.storm(question.twin);
  else parentPort.postMessage({ question, ...whoIAm() });
});
void kinds[kind](twin);
