import { whenCopied } from '../posix/child/when-copied.js';
import { refillRandomPools, watchRandomPools } from './random-pools.js';
import { heedStopServices } from './services.js';
import { followIntoWorkers, hideModule } from './worker-threads.js';

/**
 * In a Worker (worker_threads) of the app, before the app's code, since it will be copied with the process; also in the
 * thread of module hooks.
 * @param module the one that was required for it
 */
export function enterThread(module: string): void {
  hideModule(module);
  watchRandomPools();
  whenCopied(refillRandomPools);
  heedStopServices();
  followIntoWorkers(module);
}
