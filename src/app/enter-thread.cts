import threads = require('node:worker_threads');

type Entry = typeof import('./late-worker.js', { with: { 'resolution-mode': 'import' }});
type Reports = typeof import('../fork-safety/thread-reports.js', { with: { 'resolution-mode': 'import' }});
type Plan = import('../fork-safety/thread-reports.js', { with: { 'resolution-mode': 'import' }}).ThreadPlan;

/**
 * Prepares a Worker or the thread of module hooks, before its own code.
 * @param module the one that was required for it
 */
function enter(module: string): void {
  try {
    const { FLAGS, PLAN } = require('../fork-safety/thread-reports.js') as Reports;
    const plan = threads.getEnvironmentData(PLAN) as Plan | undefined;
    const isToBeForked = plan !== undefined && Atomics.load(plan.flags, FLAGS.forked) === 0;
    (require(isToBeForked ? './in-worker.js' : './late-worker.js') as Entry).enterThread(module);
  } catch (error) {
    // In the thread of hooks Node 22 imports ES modules, but does not require them.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_METHOD_NOT_IMPLEMENTED') throw error;
    void import('./in-worker.js').then(({ enterThread }) => enterThread(module));
  }
}

export = { enter };
