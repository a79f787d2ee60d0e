import type { Worker } from 'node:worker_threads';
import { DebuggersView } from '../../node/inspector-session.js';
import { addonPath, binding } from '../binding.js';
import { renewThread } from './renew-thread.js';
import { WHEN_COPIED } from './when-copied.js';

/**
 * In a child: lets the Workers that it has copied go on, each once its thread is one of this process. Without `keep`
 * they end instead, and no event tells of it: the child's event loop starts empty. Node's own Workers always go on:
 * import() waits for the one that runs module hooks.
 */
export function resumeWorkers(keep: boolean): void {
  if (binding().heldWorkers() === 0) return;
  if (!keep) for (const worker of runningWorkers()) end(worker);
  binding().releaseWorkers(script());
}

/** What each Worker runs before anything else. The addon is loaded already; a Worker has its own instance of it. */
function script(): string {
  return `try {
    const addon = { exports: {} };
    process.dlopen(addon, ${JSON.stringify(addonPath())});
    (${renewThread})(addon.exports);
    for (const run of globalThis[Symbol.for(${JSON.stringify(WHEN_COPIED)})] ?? []) run();
  } catch (error) {
    globalThis.process?._rawDebug?.('prefork: a Worker goes on with the id and the random numbers of another process:', error);
  }`;
}

/** The `threadId`s of the app's Workers. */
export function workerIds(): number[] {
  try {
    return runningWorkers()
      .map(({ threadId }) => threadId)
      .sort((a, b) => a - b);
  } catch {
    return []; // A Node without an inspector, or that forbids it.
  }
}

function end(worker: Worker): void {
  worker.removeAllListeners();
  void worker.terminate();
  worker.unref();
}

/** The app's Workers. No interface lists them, so the debugger's view is used, which searches the heap. */
function runningWorkers(): Worker[] {
  const view = new DebuggersView();
  try {
    const found = view.instancesOf("process.getBuiltinModule('worker_threads').Worker.prototype") as Worker[];
    // Prototypes of subclasses are found, too.
    const workers = found.filter((object) => !Object.hasOwn(object, 'constructor'));
    return workers.filter((worker) => worker.threadId >= 0 && worker.constructor.name !== 'InternalWorker');
  } finally {
    view.close();
  }
}
