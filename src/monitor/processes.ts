import type { ChannelListener, EventedChannel } from '../channel/evented.js';
import type { HoldRequest, ToMonitor } from '../channel/messages.js';
import { type Sender, signalChild } from '../posix/index.js';
import { whatItDoes } from '../proc/waiting.js';
import { monotonicNow, type WorkerRecord } from '../scoreboard/index.js';
import type { Settings } from '../settings/index.js';
import type { ProcessRef } from './events.js';
import { LineRate } from './policy/log-lines.js';
import { LOST_AFTER_MS, type WorkerFacts, type ZygoteFacts } from './policy/supervision.js';
import type { UseLimits } from './policy/worker-limits.js';
import { checkReport, whatIsLeft } from './policy/worker-report.js';
import type { Service } from './service.js';

/** A worker whose event loop turns says so twice a second: one that has been silent for so long does not turn. */
const HEARTBEAT_LATE_MS = 1000;

/** A process of the app, as the monitor knows it. */
abstract class ManagedProcess<Phase> {
  channel!: EventedChannel;
  /** A child of the monitor. Undefined while it is not known: the kernel tells a worker's with its first message. */
  pid: number | undefined;
  readonly lines = new LineRate();
  /** A signal that could not be sent, to be sent again. */
  #unsent: NodeJS.Signals | undefined;

  /** @param since when the phase began */
  constructor(
    readonly generation: number,
    public phase: Phase,
    public since: number,
  ) {}

  abstract get ref(): ProcessRef;

  enter(phase: Phase, now: number): void {
    this.phase = phase;
    this.since = now;
  }

  /**
   * Sends a signal; one that cannot be sent is kept for sendAgain(). A process that has changed its user may be out of
   * reach, without CAP_KILL: then it is told by its channel to send itself the signal. kill(2), capabilities(7)
   * @returns false when it was told so
   */
  signal(signal: NodeJS.Signals): boolean {
    if (this.pid === undefined) return true;
    if (this.#unsent !== 'SIGKILL') this.#unsent = signal;
    const error = this.sendAgain() as NodeJS.ErrnoException | undefined;
    if (error?.code !== 'EPERM') return true;
    this.#unsent = undefined;
    this.channel.send({ type: 'raise', signal });
    return false;
  }

  /** @returns why the last signal still cannot be sent; undefined when there is none, or it was sent */
  sendAgain(): Error | undefined {
    if (this.pid === undefined || this.#unsent === undefined) return undefined;
    try {
      signalChild(this.pid, this.#unsent);
      this.#unsent = undefined;
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }
}

export class Worker extends ManagedProcess<WorkerFacts['phase']> {
  /** When its fork was asked for. */
  readonly bornAt: number;
  /** It has reached one of its limits. */
  expired = false;
  killed = false;
  /** When it was first seen to be killed. */
  #killedAt: number | undefined;
  readyAt: number | undefined;
  /** Why it does not come to serve, as it said itself. */
  reasons: readonly string[] = [];
  /** The inode of its end of its channel; 0 where that is not known. */
  channelInode = 0;
  /** When its process was last looked for, which has not said a word and is to be killed. */
  soughtAt: number | undefined;
  /** Its own, once it is ready. */
  limits: UseLimits | undefined;
  /** What it reports itself; its record has what is believed of it. */
  report!: WorkerRecord;
  /** When its channel was closed, which says that it ends as well. */
  channelClosedAt: number | undefined;
  /** When its memory was last looked at, successfully or not; undefined before the first time. */
  measuredAt: number | undefined;
  /** Bytes that it had for itself then. */
  own = 0;
  /** It had more for itself than --renew-memory says before it was asked for anything. */
  bornLarge = false;

  constructor(
    readonly serial: number,
    readonly slot: number,
    generation: number,
    readonly record: WorkerRecord,
    now: number,
  ) {
    super(generation, 'forking', now);
    this.bornAt = now;
  }

  get ref(): ProcessRef {
    const { slot, generation, pid } = this;
    return { slot, generation, ...(pid !== undefined && { pid }) };
  }

  /**
   * Brings its record up to date with what it reports.
   * @returns whether there is something new but that its event loop turns
   */
  readReport(now: number): boolean {
    const { pid, record, report } = this;
    const { connections, requests, state } = record;
    Object.assign(record, checkReport(record, report, now));
    // Before its first message it has no process id that others could be told: until then it boots, whatever it reports.
    if (pid === undefined) return record.connections !== connections || record.requests !== requests;
    record.pid = pid;
    // A worker goes from booting to ready to draining, and never back.
    const said = report.state;
    if (said === 'draining' || (said === 'ready' && state === 'booting')) record.state = said;
    return record.connections !== connections || record.requests !== requests || record.state !== state;
  }

  /** @param heartbeatsFrom heartbeats before that say nothing */
  facts(heartbeatsFrom: number, now: number): WorkerFacts {
    const { record, serial, slot, generation, phase, since, expired, killed, readyAt = 0 } = this;
    if (killed) this.#killedAt ??= now;
    return {
      record: record.index,
      serial,
      slot,
      generation,
      phase,
      since,
      expired,
      killed,
      lost: now - (this.#killedAt ?? now) >= LOST_AFTER_MS,
      accepting: phase !== 'draining' || record.state !== 'draining',
      heartbeat: Math.max(record.heartbeat, readyAt, heartbeatsFrom),
    };
  }

  /**
   * What keeps a worker from doing as it is told, to follow the reason for which it is killed: what it does where its
   * event loop does not turn, or else what it still has where it is to leave. Empty where nothing is known of that.
   */
  get obstacle(): string {
    const { pid, phase, record } = this;
    if (pid === undefined) return '';
    const isLate = monotonicNow() - record.heartbeat >= HEARTBEAT_LATE_MS;
    const what = isLate ? whatItDoes(pid) : phase === 'draining' ? whatIsLeft(record.connections) : undefined;
    return what === undefined ? '' : `; ${what}`;
  }
}

export class Zygote extends ManagedProcess<ZygoteFacts['phase']> {
  /** Why it will not load, as it said itself or the monitor found. */
  reasons: readonly string[] = [];
  /** As they were read for it; undefined for those of the start. */
  settings: Settings | undefined;
  /** The app was loaded: it was, or is, there to fork workers. */
  hasLoaded = false;
  /** What it asked to be held, before it ended. */
  holdRequest: HoldRequest | undefined;

  constructor(generation: number, now: number) {
    super(generation, 'loading', now);
  }

  get ref(): ProcessRef {
    const { generation, pid } = this;
    return { generation, ...(pid !== undefined && { pid }) };
  }
}

/**
 * Messages from which no decision follows that is urgent: they are answered where they are read, or are only to be shown.
 * By 'hello' there is room for another fork, but the zygote has some to do until then.
 */
const MAY_WAIT: ReadonlySet<ToMonitor['type']> = new Set([
  ...(['hello', 'listen', 'closed', 'listens on descriptor', 'serves', 'cannot listen'] as const),
  ...(['warning', 'once', 'once ended'] as const),
]);

/** All processes of a kind. */
export abstract class ManagedProcesses<Process extends Worker | Zygote> implements Iterable<Process> {
  protected readonly all = new Set<Process>();

  constructor(protected readonly service: Service) {}

  /** Oldest first. */
  [Symbol.iterator](): Iterator<Process> {
    return this.all.values();
  }

  withPid(pid: number): Process | undefined {
    return [...this.all].find((process) => process.pid === pid);
  }

  protected abstract onMessage(process: Process, message: ToMonitor, sender: Sender): void;

  /** No process holds its channel any more, or, where there is a reason, the channel is of no use. */
  protected abstract onChannelClosed(process: Process, reason: string | undefined): void;

  /** Ends one that is of no use any more, or has done what it has no reason to. */
  abstract kill(process: Process, reason: string): void;

  protected listenerFor(process: Process): ChannelListener {
    const { service } = this;
    return {
      message: (message, sender) => {
        const event = () => this.onMessage(process, message, sender);
        // A process that sends these again and again does not have all processes polled each time.
        if (MAY_WAIT.has(message.type)) service.handleSoon(event);
        else service.handle(event);
      },
      forParent: (said) => {
        const { forward } = service.options;
        // A message that is handed on changes no fact by which anything is decided.
        if (forward !== undefined) forward(said);
        else service.handle(() => this.kill(process, 'it sent a message to a parent that there is none of'));
      },
      closed: (reason) => service.handle(() => this.onChannelClosed(process, reason)),
      delayed: (why) => service.failed('message', why),
    };
  }
}
