import type { Worker } from 'node:worker_threads';
import { renewWorkerScript } from '../../node/renew-thread.js';
import { runningWorkers } from '../../node/workers.js';
import { addonPath, binding } from '../binding.js';
import { WHEN_COPIED } from './when-copied.js';

/**
 * In a child: lets the Workers that it has copied go on, each once its thread is one of this process. Without `keep`
 * they end instead, and no event tells of it: the child's event loop starts empty. Node's own Workers always go on:
 * import() waits for the one that runs module hooks.
 */
export function resumeWorkers(keep: boolean): void {
  if (binding().heldWorkers() === 0) return;
  if (!keep) for (const worker of runningWorkers()) end(worker);
  // The addon is loaded already; a Worker has its own instance of it.
  binding().releaseWorkers(renewWorkerScript(addonPath(), WHEN_COPIED));
}

function end(worker: Worker): void {
  worker.removeAllListeners();
  void worker.terminate();
  worker.unref();
}
