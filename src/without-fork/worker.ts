import cluster from 'node:cluster';
import { registry } from '../app/api/registry.js';
import { enterWorker, runAfterFork, runBeforeFork } from '../app/hooks.js';
import { findMain, loadMainAfter } from '../node/main-module.js';
import { Preload } from '../node/preload.js';
import { Servers } from './servers.js';
import { takeTask, WORN_OUT } from './task.js';

/** The program of a worker of node:cluster: it runs the app, much as a worker of prefork does. */
const { app, slot, generation, grace, spawnTimeout, preloadModules, ...task } = takeTask();
let isLeaving = false;
let isStopping = false;

const servers = new Servers({
  ...task,
  // Not at once: the module that listens may register a hook below that.
  onFirst: () => void setImmediate(() => void begin().catch(fail)),
  wornOut: () => process.send?.(WORN_OUT),
});
servers.install();
registry().preforked = true;

// The primary asks by this; no server listens any more when it happens.
cluster.worker?.once('disconnect', drain);
process.on('SIGTERM', () => {
  isStopping = true;
  if (isLeaving) servers.closeIdle();
  else if (process.connected) cluster.worker?.disconnect();
});
loadMainAfter(new Preload(preloadModules), app, findMain(app));

async function begin(): Promise<void> {
  const late = await runBeforeFork(spawnTimeout);
  if (late !== undefined) throw new Error(late);
  enterWorker({ slot, generation, pid: process.pid });
  await runAfterFork();
  servers.open();
}

/** Outside of any promise: shown as Node shows an uncaught exception. */
function fail(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}

function drain(): void {
  isLeaving = true;
  setTimeout(() => process.exit(0), grace).unref();
  servers.drain(() => {
    const appListens = process.listenerCount('SIGTERM') > 1;
    if (!appListens) process.exit(0);
    // It ends itself then, as under plain node.
    if (!isStopping) process.kill(process.pid, 'SIGTERM');
  });
  if (isStopping) servers.closeIdle();
}
