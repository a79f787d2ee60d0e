import type { EventedChannel } from '../channel/evented.js';
import type { HoldRequest } from '../channel/messages.js';
import { signalChild } from '../posix/index.js';
import type { WorkerRecord } from '../scoreboard/index.js';
import type { Settings } from '../settings/index.js';
import type { Who } from './events.js';
import { LineRate } from './policy/line-rate.js';
import type { WorkerFacts, ZygoteFacts } from './policy/supervision.js';
import type { UseLimits } from './policy/worker-limits.js';

/** A process of the monitor's as it knows it. */
abstract class Member<Phase> {
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

export class Worker extends Member<WorkerFacts['phase']> {
  /** When it was asked for. */
  readonly bornAt: number;
  expired = false;
  killed = false;
  /** When it was first seen to be killed. */
  killedAt: number | undefined;
  readyAt: number | undefined;
  /** Why it does not come to serve, as it said itself. */
  reasons: readonly string[] = [];
  /** Its own, once it is ready. */
  limits: UseLimits | undefined;
  /** What it reports itself; its record has what is believed of it. */
  report!: WorkerRecord;
  /** When its channel ended, which says that it ends as well. */
  unheardSince: number | undefined;
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

  get who(): Who {
    const { slot, generation, pid } = this;
    return { slot, generation, ...(pid !== undefined && { pid }) };
  }
}

export class Zygote extends Member<ZygoteFacts['phase']> {
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

  get who(): Who {
    const { generation, pid } = this;
    return { generation, ...(pid !== undefined && { pid }) };
  }
}
