import { ChildProcess } from 'node:child_process';
import Module from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';
import { BroadcastChannel } from 'node:worker_threads';
import { pipedChildren } from '../fork-safety/child-pipes.js';
import { openSockets } from '../fork-safety/descriptors.js';

// esbuild, which tsx uses in the thread of its hooks, translates in a child process that it keeps. A worker could not
// speak with it, and esbuild would not start another one; when it is told to stop the process, it starts one anew
// wherever it needs it.

const SERVICE = 'esbuild';
const MODULE = /\/node_modules\/esbuild\/lib\/main\.js$/;
/** The name of a BroadcastChannel: those Workers hear what it says that have started a child process. */
const CHANNEL = 'prefork.services';
/** How often it is looked, and for how long at most, in milliseconds. */
const LOOK_EVERY = 5;
const PATIENCE = 2000;

/** In the main thread, before the fork: stops such processes of all threads, when they have nothing to do. */
export async function stopServices(): Promise<void> {
  stopWhenIdle();
  if (!areRunning()) return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage('stop');
  for (let waited = 0; areRunning() && waited < PATIENCE; waited += LOOK_EVERY) await wait(LOOK_EVERY);
  channel.close();
}

/** In a Worker: has it heed stopServices(), once it has a child process. */
export function heedStopServices(): void {
  const prototype = ChildProcess.prototype as unknown as { spawn(this: object, ...args: unknown[]): unknown };
  const { spawn } = prototype;
  let heeds = false;
  prototype.spawn = function spawning(...args) {
    if (!heeds) heed();
    heeds = true;
    return spawn.apply(this, args);
  };
}

function heed(): void {
  const channel = new BroadcastChannel(CHANNEL) as BroadcastChannel & { unref(): void };
  channel.unref();
  channel.onmessage = stopWhenIdle;
}

/** esbuild has its process keep the event loop alive while an answer of it is awaited. */
function stopWhenIdle(): void {
  const stops = Object.entries(loadedModules()).flatMap(([path, module]) =>
    MODULE.test(path) && typeof module?.exports?.stop === 'function' ? [module.exports.stop] : [],
  );
  if (stops.length === 0) return;
  if (process.getActiveResourcesInfo().includes('ProcessWrap')) setTimeout(stopWhenIdle, LOOK_EVERY).unref();
  else for (const stop of stops) stop();
}

function loadedModules(): Record<string, { readonly exports?: { readonly stop?: () => void } } | undefined> {
  return (Module as unknown as { _cache: ReturnType<typeof loadedModules> })._cache;
}

/** Whether another thread has such a process: its pipes are those of nobody that the main thread knows. */
function areRunning(): boolean {
  return pipedChildren(openSockets()).some(({ program }) => program === SERVICE);
}
