import { getEnvironmentData } from 'node:worker_threads';
import { PLAN, type ThreadPlan } from '../fork-safety/thread-reports.js';
import { refillRandomPools, watchRandomPools } from '../node/random-pools.js';
import { whenCopied } from '../posix/after-fork/when-copied.js';
import * as lateWorker from './late-worker.js';
import { ThreadReporter } from './thread-reporter.js';

/**
 * In a Worker (worker_threads) of the app, before the app's code, since it will be copied with the process; also in the
 * thread of module hooks.
 * @param module the one that was required for it
 */
export function enterThread(module: string): void {
  watchRandomPools();
  whenCopied(refillRandomPools);
  const plan = getEnvironmentData(PLAN) as ThreadPlan | undefined;
  if (plan !== undefined) {
    const reporter = new ThreadReporter(plan);
    whenCopied(() => reporter.stop());
  }
  lateWorker.enterThread(module);
}
