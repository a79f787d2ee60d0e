import { BroadcastChannel, receiveMessageOnPort, setEnvironmentData } from 'node:worker_threads';
import type { HeldConnect } from '../channel/messages.js';
import { threadNameOf } from '../node/thread-names.js';
import { threadNames } from '../proc/threads.js';
import type { Recording } from './resource-tracker.js';
import {
  CHANNEL,
  FLAGS,
  monotonicTime,
  PLAN,
  type ReportedSocket,
  type ThreadOrder,
  type ThreadPlan,
  type ThreadReport,
} from './thread-reports.js';
import { type StartedWorker, workerText } from './worker-text.js';

type Channel = BroadcastChannel & { unref(): void };

/** In milliseconds. */
const PREPARE_EVERY_MS = 50;

/** What a Worker has open, with the words for that Worker. */
export type OfWorker<T> = T & { readonly by: string };

/**
 * In the main thread of a process that is to be forked: the app's Workers, and what they report to have open. Reports
 * that have arrived count at once, though the event loop has not turned since.
 */
export class Threads {
  readonly #flags = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  readonly #restedAt = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  readonly #channel = new BroadcastChannel(CHANNEL) as Channel;
  readonly #recording: Recording;
  #prepared = Number.NEGATIVE_INFINITY;
  /** By `threadId`. */
  readonly #reports = new Map<number, ThreadReport>();

  /** To be called before the app's code runs. @param hold destinations whose connects Workers hold until the fork */
  constructor(recording: Recording, hold: readonly string[]) {
    this.#recording = recording;
    this.#channel.unref();
    this.#channel.onmessage = (event) => this.#take((event as { readonly data: ThreadReport }).data);
    setEnvironmentData(PLAN, { hold, flags: this.#flags, restedAt: this.#restedAt } satisfies ThreadPlan);
  }

  /** Those that run, of whatever thread. */
  get workers(): StartedWorker[] {
    return [...this.#recording.startedWorkers, ...this.#living.flatMap(({ workers }) => workers)];
  }

  worker(id: number): StartedWorker | undefined {
    return this.workers.find((each) => each.id === id);
  }

  /** The Worker with an id, in words. One that is not the app's is Node's own, which runs module hooks. */
  text(id: number): string {
    const worker = this.worker(id);
    return worker === undefined ? `hooks for import (${this.#hooks})` : workerText(worker);
  }

  /** Where a Worker comes from, as a sentence; undefined where that is not known. */
  origin(id: number): string | undefined {
    const worker = this.worker(id);
    if (worker === undefined) return this.#hooks && `Worker ${id} runs hooks for import, by ${this.#hooks}`;
    return worker.place && `${workerText(worker)} was started at ${worker.place}`;
  }

  get #hooks(): string {
    return this.#recording.hooks.map(({ cause }) => cause).join(' and ');
  }

  socket(inode: string): OfWorker<ReportedSocket> | undefined {
    return this.#all(({ sockets }) => sockets).find((socket) => socket.inode === inode);
  }

  get servers(): OfWorker<ThreadReport['servers'][number]>[] {
    return this.#all(({ servers }) => servers);
  }

  get watchers(): OfWorker<{ readonly place: string | undefined }>[] {
    return this.#all(({ watchers }) => watchers.map((place) => ({ place })));
  }

  get held(): OfWorker<HeldConnect>[] {
    return this.#all(({ held }) => held);
  }

  /** How many held connects the app may be waiting for. */
  get awaited(): number {
    return this.#living.filter(({ awaitsHeld }) => awaitsHeld).reduce((sum, { held }) => sum + held.length, 0);
  }

  /** Connects that found no peer, also of Workers that have ended by that. */
  get failed(): HeldConnect[] {
    this.#receive();
    return [...this.#reports.values()].flatMap(({ failed }) => failed);
  }

  /** Whether the main thread blocks: what Workers connect meanwhile is not held. */
  set isMainBlocked(blocked: boolean) {
    Atomics.store(this.#flags, FLAGS.mainBlocked, blocked ? 1 : 0);
  }

  /** Before the fork: they close what they keep for later, and report anew. Now and then, however often it is called. */
  prepare(): void {
    const now = performance.now();
    if (now - this.#prepared < PREPARE_EVERY_MS) return;
    this.#prepared = now;
    this.#tell({ type: 'prepare' });
  }

  /** Right before the first fork, from which on they stand still in this process. */
  rest(): void {
    this.#restedAt[0] = monotonicTime();
  }

  /** In a process that has been forked: held connects go on, and nothing is held or reported any more. */
  release(): void {
    setEnvironmentData(PLAN, undefined);
    Atomics.store(this.#flags, FLAGS.forked, 1);
    this.#tell({ type: 'release' });
    this.#channel.close();
    this.#reports.clear();
  }

  #tell(order: ThreadOrder): void {
    this.#channel.postMessage(order);
  }

  /** Those whose event is still to come. */
  #receive(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#channel as never) as { readonly message: ThreadReport } | undefined;
      if (received === undefined) return;
      this.#take(received.message);
    }
  }

  #take(report: ThreadReport): void {
    if (report.type === 'report') this.#reports.set(report.thread, report);
  }

  /** The last reports of the Workers that run. */
  get #living(): ThreadReport[] {
    this.#receive();
    if (this.#reports.size === 0) return [];
    const names = new Set(threadNames());
    return [...this.#reports.values()].filter(({ thread }) => names.has(threadNameOf(thread)));
  }

  #all<T>(what: (report: ThreadReport) => readonly T[]): OfWorker<T>[] {
    return this.#living.flatMap((report) => {
      const found = what(report);
      return found.length === 0 ? [] : found.map((each) => ({ ...each, by: this.text(report.thread) }));
    });
  }
}
