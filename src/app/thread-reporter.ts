import { Socket as DatagramSocket } from 'node:dgram';
import { type EventEmitter, errorMonitor } from 'node:events';
import { fstatSync } from 'node:fs';
import { Server, Socket } from 'node:net';
import { BroadcastChannel, threadId } from 'node:worker_threads';
import { placed } from '../fork-safety/connects.js';
import { closeIdleConnections } from '../fork-safety/idle-connections.js';
import { type Recording, startRecording } from '../fork-safety/resource-tracker.js';
import {
  CHANNEL,
  FLAGS,
  monotonicTime,
  type ReportedSocket,
  type SocketUse,
  type ThreadOrder,
  type ThreadPlan,
  type ThreadReport,
} from '../fork-safety/thread-reports.js';
import { activeHandles, descriptorOf, isAgents, isWatcher, type Owner } from '../node/handles.js';
import { findAllTimers, moveTimers, timersNow } from '../node/timers.js';
import { unreferencedStreams } from '../posix/unreferenced-streams.js';
import { stopWhenIdle } from './before-fork/services.js';
import { ConnectHook } from './connecting/connect-hook.js';
import { ConnectRecord } from './connecting/connect-record.js';
import { timerStart } from './policy/timer-start.js';

/** The events of what the app has opened that change a report. */
const EVENTS = ['connect', 'listening', 'close'] as const;
/** A report tells all, so that those that follow closely are one. Milliseconds. */
const REPORT_EVERY_MS = 20;

/**
 * In a Worker of a process that is to be forked: holds its connects, as the main thread holds its own, and reports to
 * the main thread what it has open. A Worker may block, so it is not asked: it tells each time.
 */
export class ThreadReporter {
  readonly #connects: ConnectHook;
  readonly #passed = new ConnectRecord();
  readonly #recording: Recording;
  readonly #watched = new WeakSet<object>();
  #reported = Number.NEGATIVE_INFINITY;
  #nextReport: NodeJS.Timeout | undefined;
  readonly #flags: Int32Array;
  readonly #restedAt: Float64Array;
  readonly #channel = new BroadcastChannel(CHANNEL) as BroadcastChannel & { unref(): void };

  /** Takes over what opens sockets and the like in this thread; to be called before the app's code runs there. */
  constructor({ hold, flags, restedAt }: ThreadPlan) {
    this.#flags = flags;
    this.#restedAt = restedAt;
    this.#connects = new ConnectHook({
      hold,
      passes: () => this.#isForked || Atomics.load(flags, FLAGS.mainBlocked) !== 0,
      passing: (...each) => this.#isForked || this.#passed.add(...each),
      holding: () => this.#report(),
    });
    this.#channel.unref();
    this.#channel.onmessage = (event) => this.#obey((event as { readonly data: ThreadOrder | ThreadReport }).data);
    this.#connects.install();
    this.#recording = startRecording((opened) => this.#watch(opened));
  }

  /**
   * In a copy of this thread: there is nothing more to report, and timers go on from where they stood. Held connects go
   * on by the main thread's order.
   */
  stop(): void {
    if (!this.#recording.isOn) return; // A copy of a copy: its timers are right.
    this.#recording.stop();
    this.#passed.clear();
    const [restedAt = 0] = this.#restedAt;
    if (restedAt === 0) return;
    const now = timersNow();
    const rest = now - (monotonicTime() - restedAt);
    moveTimers((timer) => timerStart(timer, rest, now), now);
  }

  #watch(opened: object): void {
    if (this.#isForked) return;
    if (this.#watched.has(opened)) return;
    this.#watched.add(opened);
    if (opened instanceof Socket || opened instanceof Server || opened instanceof DatagramSocket) {
      for (const event of EVENTS) (opened as EventEmitter).prependListener(event, () => this.#reportSoon());
      // The thread may end by it.
      (opened as EventEmitter).prependListener(errorMonitor, () => this.#report());
    }
    this.#reportSoon();
  }

  #obey({ type }: ThreadOrder | ThreadReport): void {
    if (type === 'prepare') {
      findAllTimers();
      stopWhenIdle();
      closeIdleConnections();
      this.#report();
    } else if (type === 'release') {
      this.#channel.close();
      this.#connects.release();
    }
  }

  /** The main thread says so a moment after the copied Workers have gone on. */
  get #isForked(): boolean {
    return !this.#recording.isOn || Atomics.load(this.#flags, FLAGS.forked) !== 0;
  }

  #reportSoon(): void {
    const wait = this.#reported + REPORT_EVERY_MS - performance.now();
    if (wait <= 0) this.#report();
    else this.#nextReport ??= setTimeout(() => this.#report(), wait).unref();
  }

  #report(): void {
    clearTimeout(this.#nextReport);
    this.#nextReport = undefined;
    if (this.#isForked) return;
    this.#channel.postMessage(this.#state());
    this.#reported = performance.now();
  }

  #state(): ThreadReport {
    const { held, keepsAlive } = this.#connects;
    const active = activeHandles();
    const servers = active.filter((handle) => handle instanceof Server) as (Server & Owner)[];
    return {
      type: 'report',
      thread: threadId,
      sockets: [
        ...active.flatMap((handle) => this.#socket(handle, 'active')),
        ...unreferencedStreams().flatMap((handle) => this.#socket(handle, isAgents(handle) ? 'agents' : 'idle')),
      ],
      servers: servers.map((server) => ({
        address: JSON.stringify(server.address()),
        place: this.#recording.placeOf(server),
      })),
      watchers: active.filter(isWatcher).map((watcher) => this.#recording.placeOf(watcher)),
      held: placed(held, this.#recording),
      awaitsHeld: keepsAlive,
      failed: placed(this.#passed.failed, this.#recording),
      workers: this.#recording.startedWorkers,
    };
  }

  #socket(handle: Owner, use: SocketUse): ReportedSocket[] {
    const fd = descriptorOf(handle);
    if (fd === undefined || !(handle instanceof Socket || handle instanceof DatagramSocket)) return [];
    const stat = fstatSync(fd, { bigint: true });
    if (!stat.isSocket()) return [];
    const destination = this.#connects.destinationOf(handle);
    return [{ inode: `${stat.ino}`, use, destination, place: this.#recording.placeOf(handle) }];
  }
}
