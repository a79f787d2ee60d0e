import { writeFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { threadNameOf } from '../node/thread-names.js';
import { followIntoWorkers, hideModule } from './worker-threads.js';

/**
 * In a Worker (worker_threads) of a process that has been forked, before the app's code: it is not copied any more.
 * @param module the one that was required for it
 */
export function enterThread(module: string): void {
  nameThread();
  hideModule(module);
  followIntoWorkers(module);
}

/** For whoever looks at this process from outside, and for what a refused fork says. proc_pid_task(5). */
function nameThread(): void {
  try {
    writeFileSync('/proc/thread-self/comm', threadNameOf(threadId));
  } catch {
    // Without /proc it keeps its name.
  }
}
