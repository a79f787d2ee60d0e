import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { readCpuTime } from '../proc/usage.js';
import type { Connects } from './connects.js';
import type { Recording } from './resource-tracker.js';
import type { Threads } from './threads.js';

/** An app that waits for what is held stands still for so long, in milliseconds; … */
const STILL_MS = 250;
/** … its children for so long: it may be waiting for one that is still starting, or for one's end; … */
const CHILDREN_STILL_MS = 5000;
/** … and it never stands still when it polls something: then it is taken to wait after so long. */
const MAX_BUSY_MS = 10_000;
/** How often it is looked, in milliseconds: what a look leaves to the garbage collector moves the loop as well. */
const LOOK_EVERY_MS = 20;

export interface HeldSources {
  readonly connects: Pick<Connects, 'keepsAlive' | 'held'>;
  /** How many calls of once() wait for the fork. */
  readonly once: { readonly waiting: number };
  readonly recording: Pick<Recording, 'children'>;
  readonly threads: Pick<Threads, 'awaited'>;
}

interface LoopMetrics {
  /** How many events the loop has handled: input, output, and what the thread pool has done; no timers. */
  readonly events: number;
}

/** Tells when an app gets no further before the fork, because it waits for what is held. */
export class HeldWait {
  readonly #app = new Unchanged();
  readonly #children = new Unchanged();
  /** Since when something is held. */
  #since: number | undefined;
  #looked = Number.NEGATIVE_INFINITY;
  #still = false;

  readonly #sources: HeldSources;

  constructor(sources: HeldSources) {
    this.#sources = sources;
  }

  /** Whether the app may be waiting. */
  get any(): boolean {
    return this.#count > 0;
  }

  /** How many things that the app may be waiting for come only after the fork. */
  get #count(): number {
    const { connects, once, threads } = this.#sources;
    return (connects.keepsAlive ? connects.held.length : 0) + once.waiting + threads.awaited;
  }

  /** Whether nothing has moved for long enough, as looks that follow closely can tell. @param now milliseconds */
  isStill(now: number): boolean {
    if (now - this.#looked < LOOK_EVERY_MS) return this.#still && this.any;
    this.#looked = now;
    this.#still = this.#poll(now);
    return this.#still;
  }

  #poll(now: number): boolean {
    const count = this.#count;
    if (count === 0) this.#since = undefined;
    else this.#since ??= now;
    const { children } = this.#sources.recording;
    const childrenFor = this.#children.for(children.map(progress).join(), now);
    const appFor = this.#app.for([count, loopEvents(), process.getActiveResourcesInfo().sort()].join(), now);
    if (this.#since === undefined || (children.length > 0 && childrenFor < CHILDREN_STILL_MS)) return false;
    return appFor >= STILL_MS || now - this.#since >= MAX_BUSY_MS;
  }
}

/** For how long something has been the same. */
class Unchanged {
  #last = '';
  #since = 0;

  for(value: string, now: number): number {
    if (value !== this.#last) this.#since = now;
    this.#last = value;
    return now - this.#since;
  }
}

function loopEvents(): number {
  const { uvMetricsInfo } = performance.nodeTiming as unknown as { uvMetricsInfo?: LoopMetrics };
  return uvMetricsInfo?.events ?? 0;
}

/** How far a child has come: its CPU time, and what it has written to this process. */
function progress({ pid, stdio }: ChildProcess): string {
  const read = stdio?.map((stream) => (stream instanceof Socket ? stream.bytesRead : 0)) ?? [];
  return [pid, pid && readCpuTime(pid), ...read].join(' ');
}
