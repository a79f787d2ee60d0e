import { Worker } from 'node:worker_threads';
import { DebuggersView } from './inspector-session.js';

/** The `threadId`s of the app's Workers; none in a Node without an inspector, or that forbids it. */
export function workerIds(): number[] {
  try {
    return runningWorkers()
      .map(({ threadId }) => threadId)
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}

/**
 * The app's Workers, and none of Node's own. No interface lists them, so the debugger's view is used, which searches the
 * heap. @throws in a Node without an inspector, or that forbids it
 */
export function runningWorkers(): Worker[] {
  const view = new DebuggersView();
  try {
    const found = view.objectsWith(Worker.prototype) as Worker[];
    // Prototypes of subclasses are found, too.
    const workers = found.filter((object) => !Object.hasOwn(object, 'constructor'));
    return workers.filter((worker) => worker.threadId >= 0 && worker.constructor.name !== 'InternalWorker');
  } finally {
    view.close();
  }
}
