import { writeFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { refillRandomPools, watchRandomPools } from '../node/random-pools.js';
import { threadNameOf } from '../node/thread-names.js';
import { whenCopied } from '../posix/after-fork/when-copied.js';
import { heedStopServices } from './services.js';
import { followIntoWorkers, hideModule } from './worker-threads.js';

/**
 * In a Worker (worker_threads) of the app, before the app's code, since it will be copied with the process; also in the
 * thread of module hooks.
 * @param module the one that was required for it
 */
export function enterThread(module: string): void {
  nameThread();
  hideModule(module);
  watchRandomPools();
  whenCopied(refillRandomPools);
  heedStopServices();
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
