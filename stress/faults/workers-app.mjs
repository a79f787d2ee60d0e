// An app whose answers come from a pool of Workers (piscina), and whose log is written by another one (pino's
// transport). Without piscina, which is no dependency, the pool is one of our own, that waits as piscina's does.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import pino from 'pino';

const log = pino(pino.transport({ target: 'pino/file', options: { destination: '/dev/null' } }));
const THREAD = new URL('workers-thread.cjs', import.meta.url);

async function runner() {
  const { Piscina } = createRequire(process.env.STRESS_MODULES ?? import.meta.url)('piscina');
  const pool = new Piscina({ filename: THREAD.href, minThreads: 2, maxThreads: 2 });
  return (length) => pool.run(length);
}

async function ownRunner() {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const threads = [0, 1].map(() => new Worker(THREAD, { workerData: { words } }));
  await Promise.all(threads.map((thread) => once(thread, 'online')));
  const waiting = new Map();
  for (const thread of threads)
    thread.on('message', ({ id, result }) => {
      waiting.get(id)(result);
      waiting.delete(id);
    });
  let asked = 0;
  return (length) =>
    new Promise((resolve) => {
      const id = asked++;
      waiting.set(id, resolve);
      threads[id % 2].postMessage({ id, length });
      Atomics.add(words, 0, 1);
      Atomics.notify(words, 0);
    });
}

const run = await runner().catch(ownRunner);
const body = await run(2048);
createServer(async (request, response) => {
  log.info({ url: request.url });
  const result = await run(2048);
  response.setHeader('X-Pid', process.pid);
  response.end(result === body ? `0 ${result}\n` : 'wrong\n');
}).listen(Number(process.env.FAULTS_PORT ?? 0), '127.0.0.1');
