import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { PreforkError } from '../errors.js';
import { renewThread } from '../node/renew-thread.js';
import { clearTimers, findTimers } from '../node/timers.js';
import { type WorkerPlace, workerPlaces } from '../node/worker-places.js';
import { workerIds } from '../node/workers.js';
import { patchSetuid } from './after-fork/credentials.js';
import { detachHandles } from './after-fork/handles.js';
import { resumeWorkers } from './after-fork/workers.js';
import { binding } from './binding.js';
import type { ForkRefusal } from './binding-types.js';
import { closeWatches } from './watches.js';

/** How long, in milliseconds, a thread of unknown kind that is at work may take to show that it is no Worker. */
const THREADS_TIMEOUT_MS = 100;
/** How long, in milliseconds, a Worker may take to say where it is. */
const ANSWERS_TIMEOUT_MS = 500;

export interface ForkOptions {
  /** Connected sockets, by descriptor, that the child may go on using; every other one is severed there. */
  readonly keepSockets?: readonly number[];
  /** Let the parent's timers, servers and other handles act in the child as well. Off by default. */
  readonly keepHandles?: boolean;
  /** Let Workers go on in the child as well, as in the parent. As `keepHandles` by default. */
  readonly keepWorkers?: boolean;
  /** How long, in milliseconds, the thread pool, Workers and other threads may take to stand still. 1000 by default. */
  readonly timeout?: number;
  /**
   * Makes the new process a child of this process's parent, a sibling, which the parent then reaps. CLONE_PARENT in
   * clone(2). One that could not start is the parent's to reap, too. When that parent dies, it is sent the signal of
   * this process's setParentDeathSignal(). Off by default.
   */
  readonly asSibling?: boolean;
  /**
   * Has the Workers of this process that wait for messages, timers and the like stand still from now on, until it forks
   * without this option: children that are forked later copy them as they are now. Off by default.
   */
  readonly restWorkers?: boolean;
}

/**
 * Makes a child process, a copy of this one that goes on from here, with all its threads. fork(2).
 *
 * Descriptors are shared as the man page has it, with one exception: connected sockets read as end of file in the
 * child, so that it does not take the parent's bytes. The child's event loop starts empty: timers and requests
 * that the parent had under way do not act in it, nor do its servers, whose listening descriptors stay open.
 * @returns 0 in the child, the child's process id in the parent
 * @throws PreforkError when this process cannot be copied now, EAGAIN or ENOMEM when the system has no room;
 * there is no child then, and nothing has changed
 */
export function fork(options: ForkOptions = {}): number {
  return forkThread(options, false);
}

/** fork(), where emptyRandomCaches() has returned true and no code that draws random numbers has run since. */
export function forkWithEmptyCaches(options: ForkOptions = {}): number {
  return forkThread(options, true);
}

function forkThread(options: ForkOptions, cachesAreEmpty: boolean): number {
  const {
    keepSockets = [],
    keepHandles = false,
    keepWorkers = keepHandles,
    timeout = 1000,
    asSibling = false,
    restWorkers = false,
  } = options;
  if (!keepHandles) findTimers();
  const threadsTimeout = mayHaveWorkers() ? timeout : THREADS_TIMEOUT_MS;
  const result = binding().fork(timeout, keepSockets, asSibling, restWorkers, threadsTimeout);
  if (typeof result !== 'number') throw new PreforkError(`ERR_PREFORK_${result.cause}`, describe(result));
  if (result !== 0) return result;

  try {
    renewThread(binding(), cachesAreEmpty);
    setUpChild(keepSockets, keepHandles, keepWorkers);
  } catch (error) {
    // To throw here would let the child go on as if it were the parent.
    process.stderr.write(`prefork: the forked child could not be set up: ${(error as Error).stack}\n`);
    binding()._exit(1);
  }
  return 0;
}

let startedWorker = false;
subscribe('worker_threads', () => {
  startedWorker = true;
});

/** A Worker that starts is a thread at work, of an unknown kind; one from before this module was loaded has a port. */
function mayHaveWorkers(): boolean {
  return startedWorker || process.getActiveResourcesInfo().includes('MessagePort');
}

function setUpChild(keepSockets: readonly number[], keepHandles: boolean, keepWorkers: boolean): void {
  resumeWorkers(keepWorkers);
  patchSetuid();
  if (keepHandles) return;
  clearTimers();
  closeWatches();
  detachHandles(keepSockets, keepWorkers);
}

function describe({ cause, detail, thread }: ForkRefusal): string {
  const parts = [detail, thread && `thread ${thread} ${threadName(thread)}`];
  if (cause === 'WORKER_BUSY') parts.push(busyWorker(thread));
  return parts.filter(Boolean).join(', ');
}

/** Which Worker a thread is, and where in its code. */
function busyWorker(thread: number): string {
  const places = workerPlaces(thread, ANSWERS_TIMEOUT_MS);
  const found = places.find((each) => each.thread === thread);
  if (found !== undefined) return `${nameOf(found)} computes${found.place === undefined ? '' : ` in ${found.place}`}`;
  const silent = places.filter((each) => each.thread === undefined);
  if (silent.length > 0) return `${silent.map(nameOf).join(' or ')} starts, ends or is in native code`;
  const ids = workerIds();
  return ids.length <= 1 ? ids.map((id) => `of Worker ${id}`).join() : `of one of the Workers ${ids.join(', ')}`;
}

function nameOf({ id, name }: WorkerPlace): string {
  return `Worker ${id}${name === undefined ? '' : ` "${name}"`}`;
}

function threadName(thread: number): string {
  try {
    return `"${readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim()}"`;
  } catch {
    return '(ended)';
  }
}
