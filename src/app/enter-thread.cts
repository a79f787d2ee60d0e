type InWorker = typeof import('./in-worker.js', { with: { 'resolution-mode': 'import' }});

/**
 * Prepares a Worker or the thread of module hooks, before its own code.
 * @param module the one that was required for it
 */
function enter(module: string): void {
  try {
    (require('./in-worker.js') as InWorker).enterThread(module);
  } catch (error) {
    // In the thread of hooks Node 22 imports ES modules, but does not require them.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_METHOD_NOT_IMPLEMENTED') throw error;
    void import('./in-worker.js').then(({ enterThread }) => enterThread(module));
  }
}

export = { enter };
