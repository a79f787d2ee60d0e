import cluster from 'node:cluster';
import type { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { registry } from '../app/api/registry.js';
import { enterWorker, runAfterFork, runBeforeFork } from '../app/hooks.js';
import { findMain, loadMainAfter } from '../node/main-module.js';
import { Preload } from '../node/preload.js';
import { Servers } from './servers.js';
import { isLeaveOrder, type LeaveOrder, MAX_REQUESTS_REACHED, takeTask } from './task.js';

/** The program of a worker of node:cluster: it runs the app, much as a worker of prefork does. */
const { app, slot, generation, grace, spawnTimeout, preloadModules, ...task } = takeTask();
let isLeaving = false;
/** The app's listeners for SIGTERM have got it: they end the process. */
let isAppTold = false;

const servers = new Servers({
  ...task,
  // Not at once: the module that listens may register a hook below that.
  onFirst: () => void setImmediate(() => void begin().catch(fail)),
  onMaxRequests: () => process.send?.(MAX_REQUESTS_REACHED),
});
servers.install();
registry().preforked = true;

process.on('SIGTERM', () => {
  if (!appListens()) return leave({ stopping: true, quick: false });
  isAppTold = true;
  process.channel?.unref(); // As under plain node, the process ends when its servers have.
});
hideOrders();
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

/** The app does not see what is meant for this program. */
function hideOrders(): void {
  const { emit } = process;
  process.emit = ((event: string, ...args: unknown[]) => {
    if (event !== 'message' || !isLeaveOrder(args[0])) return Reflect.apply(emit, process, [event, ...args]);
    leave(args[0]);
    return true;
  }) as typeof emit;
}

function leave({ stopping, quick }: Pick<LeaveOrder, 'stopping' | 'quick'>): void {
  if (!isLeaving) {
    isLeaving = true;
    setTimeout(() => process.exit(0), grace).unref();
    servers.stopAccepting();
    // The connections that are on their way here go back to the primary before that.
    cluster.worker?.once('disconnect', () => servers.drain(exit)).disconnect();
  }
  if (stopping) servers.closeIdle();
  if (stopping && !quick && appListens()) tellApp();
}

function exit(): void {
  if (appListens()) tellApp();
  if (!isAppTold) process.exit(0);
}

function tellApp(): void {
  if (!isAppTold) (process as EventEmitter).emit('SIGTERM', 'SIGTERM', constants.signals.SIGTERM);
}

/** Besides this program's own listener. */
function appListens(): boolean {
  return process.listenerCount('SIGTERM') > 1;
}
