import { createRequire } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';
import { pipedChildren } from '../../fork-safety/child-pipes.js';
import { openSockets } from '../../fork-safety/descriptors.js';
import { childPids } from '../../proc/threads.js';

// esbuild, which tsx uses in the thread of its hooks, translates in a child process that it keeps. A worker could not
// speak with it, and esbuild would not start another one; when it is told to stop the process, it starts one anew
// wherever it needs it.

const SERVICE = 'esbuild';
const MODULE = /\/node_modules\/esbuild\/lib\/main\.js$/;
/** How often stopServices() looks whether they have stopped, and for how long at most. */
const POLL_INTERVAL_MS = 5;
const STOP_TIMEOUT_MS = 2000;

/** In the main thread, before the fork: stops such processes of its own, and waits until Workers have stopped theirs. */
export async function stopServices(): Promise<void> {
  stopWhenIdle();
  for (let waited = 0; areRunning() && waited < STOP_TIMEOUT_MS; waited += POLL_INTERVAL_MS)
    await wait(POLL_INTERVAL_MS);
}

/** In each thread, before the fork. esbuild has its process keep the event loop alive while an answer of it is awaited. */
export function stopWhenIdle(): void {
  const stops = Object.entries(createRequire(import.meta.url).cache).flatMap(([path, module]) =>
    MODULE.test(path) && typeof module?.exports?.stop === 'function' ? [module.exports.stop] : [],
  );
  if (stops.length === 0) return;
  if (process.getActiveResourcesInfo().includes('ProcessWrap')) setTimeout(stopWhenIdle, POLL_INTERVAL_MS).unref();
  else for (const stop of stops) stop();
}

/** Whether another thread has such a process: the main thread does not know the owner of its pipes. */
function areRunning(): boolean {
  // Looking at all sockets takes milliseconds: only where there is a child at all.
  return childPids().length > 0 && pipedChildren(openSockets()).some(({ program }) => program === SERVICE);
}
