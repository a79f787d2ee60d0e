// The activity of a parent that has Workers: it asks each now and then, and so does every child of its copies.
import assert from 'node:assert/strict';
import { on, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel, Worker } from 'node:worker_threads';
import { SLOWNESS } from './slowness.mjs';

const THREAD = new URL('thread.mjs', import.meta.url);
const KINDS = ['idle', 'ticking', 'computing', 'allocating', 'files', 'storm 1', 'storm 2', 'waiting'];
const TIMEOUT_MS = 20_000 * SLOWNESS;

/**
 * The number of Workers changes between one and all kinds while the parent forks: each of them starts and ends now and
 * then. A storm blows between two Workers, or between one and the main thread.
 */
export async function withWorkers() {
  const shared = new SharedArrayBuffer(8);
  const workers = new Map();
  const storms = () => [...workers].filter(([name]) => name.startsWith('storm')).map(([, { worker }]) => worker);
  const start = (name) => {
    const kind = name.split(' ')[0];
    const transferList = [];
    let twin;
    if (kind === 'storm') {
      const { port1, port2 } = new MessageChannel();
      const [other] = storms();
      if (other) other.postMessage({ twin: port2 }, [port2]);
      else port2.on('message', (count) => port2.postMessage(count + 1)).unref();
      transferList.push(port1);
      twin = port1;
    }
    const worker = new Worker(THREAD, { workerData: { kind, shared, twin }, transferList });
    worker.unref();
    workers.set(name, { kind, worker });
    return worker;
  };
  await Promise.all(KINDS.map((name) => once(start(name), 'online')));
  const ends = new AbortController();
  const owner = process.pid;
  // What was under way at a fork goes on in the child, where the answers are another process's.
  const inParent = (error) => {
    if (process.pid === owner) throw error;
  };
  const coming = comeAndGo(owner, ends.signal);
  let asked = 0;
  const asking = (async () => {
    while (!ends.signal.aborted && process.pid === owner) {
      await askAll(workers, shared).catch(inParent);
      if (process.pid !== owner) return;
      asked++;
      const name = KINDS[Math.floor(Math.random() * KINDS.length)];
      if (!workers.has(name)) start(name);
      else if (workers.size > 1) {
        const { kind, worker } = workers.get(name);
        workers.delete(name);
        void end(kind, worker);
      }
      await sleep(20);
    }
  })();
  const terminate = () => Promise.all([...workers.values()].map(({ worker }) => worker.terminate()));
  return {
    /**
     * What the Workers of a child have drawn; they must be this process's. Half of the children then end theirs, except
     * those that have a child of their own, which asks them, too.
     */
    async inChild(isLast) {
      for (const { worker } of workers.values()) worker.ref();
      const draws = await askAll(workers, shared);
      if (isLast && Math.random() < 0.5) assert.ok((await terminate()).every((code) => code === 1));
      else for (const { worker } of workers.values()) worker.unref();
      return { workers: workers.size, draws };
    },
    async stop() {
      ends.abort();
      await Promise.all([asking, coming]);
      await Promise.all([...workers.values()].map(({ kind, worker }) => end(kind, worker)));
      return asked;
    },
  };
}

/** In the parent: up to Node 24 terminate() leaves open what a Worker is just opening by the thread pool, fork or not. */
async function end(kind, worker) {
  if (kind !== 'files') return worker.terminate();
  worker.ref();
  worker.postMessage({ stop: true });
  await once(worker, 'exit');
}

/** Workers that start and end all the time. */
async function comeAndGo(owner, signal) {
  while (!signal.aborted && process.pid === owner) {
    const worker = new Worker('require("node:worker_threads").parentPort.postMessage(1)', { eval: true });
    await once(worker, 'exit');
    await sleep(50 * Math.random());
  }
}

async function askAll(workers, shared) {
  const all = [...workers.values()];
  const answers = await Promise.all(
    all.filter(({ kind }) => kind !== 'waiting').map(({ kind, worker }) => ask(kind, worker)),
  );
  for (const { pid } of answers) assert.equal(pid, process.pid);
  if (all.some(({ kind }) => kind === 'waiting')) {
    const words = new Int32Array(shared);
    Atomics.store(words, 0, 1);
    Atomics.notify(words, 0);
    assert.notEqual(Atomics.wait(words, 1, 0, TIMEOUT_MS), 'timed-out', 'the waiting Worker');
    assert.equal(Atomics.exchange(words, 1, 0), process.pid);
  }
  return answers.flatMap(({ draws }) => draws);
}

let questions = 0;

/** An answer to a question that the parent asked before the fork may come first. */
async function ask(kind, worker) {
  const question = `${process.pid} ${questions++}`;
  worker.postMessage(question);
  try {
    for await (const [answer] of on(worker, 'message', { signal: AbortSignal.timeout(TIMEOUT_MS) })) {
      if (answer.question === question) return answer;
    }
  } catch (error) {
    throw new Error(`a Worker that is ${kind} does not answer`, { cause: error });
  }
}
