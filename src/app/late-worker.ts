import { threadId } from 'node:worker_threads';
import { threadNameOf } from '../node/thread-names.js';
import { nameThread } from '../proc/threads.js';
import { followIntoWorkers, hideModule } from './worker-threads.js';

/**
 * In a Worker (worker_threads) of a process that has been forked, before the app's code: it is not copied any more.
 * @param module the one that was required for it
 */
export function enterThread(module: string): void {
  // The name is for tools that show this process, and for the message of a refused fork.
  nameThread(threadNameOf(threadId));
  hideModule(module);
  followIntoWorkers(module);
}
