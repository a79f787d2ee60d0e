import { writeFileSync } from 'node:fs';
import { getEnvironmentData, threadId } from 'node:worker_threads';
import { threadNameOf } from '../policy/thread-names.js';
import { whenCopied } from '../posix/child/when-copied.js';
import { refillRandomPools, watchRandomPools } from './random-pools.js';
import { ThreadReporter } from './thread-reporter.js';
import { FLAGS, PLAN, type ThreadPlan } from './thread-reports.js';
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
  reportUntilFork(getEnvironmentData(PLAN) as ThreadPlan | undefined);
  followIntoWorkers(module);
}

function reportUntilFork(plan: ThreadPlan | undefined): void {
  if (plan === undefined || Atomics.load(plan.flags, FLAGS.forked) !== 0) return;
  const reporter = new ThreadReporter(plan);
  whenCopied(() => reporter.stop());
}

/** For whoever looks at this process from outside, and for what a refused fork says. proc_pid_task(5). */
function nameThread(): void {
  try {
    writeFileSync('/proc/thread-self/comm', threadNameOf(threadId));
  } catch {
    // Without /proc it keeps its name.
  }
}
