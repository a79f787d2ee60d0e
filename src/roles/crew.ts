import type { EventedChannel } from '../channel/evented.js';
import type { HoldRequest } from '../policy/holds.js';
import type { WorkerFacts, ZygoteFacts } from '../policy/supervision.js';
import type { UseLimits } from '../policy/worker-limits.js';
import type { WorkerRecord } from '../scoreboard/index.js';
import type { Who } from './events.js';

/** A process of the monitor's as it knows it. */
class Member<Phase> {
  channel!: EventedChannel;

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
}

export class Worker extends Member<WorkerFacts['phase']> {
  /** When it was asked for. */
  readonly bornAt: number;
  expired = false;
  killed = false;
  /** Known from its first word on. */
  pid: number | undefined;
  readyAt: number | undefined;
  /** Its own, once it is ready. */
  limits: UseLimits | undefined;

  constructor(
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
  pid = 0;
  /** Why it will not load, as it said itself or the monitor found. */
  reasons: readonly string[] = [];
  /** What it asked to be held, before it ended. */
  holdRequest: HoldRequest | undefined;

  constructor(generation: number, now: number) {
    super(generation, 'loading', now);
  }

  get who(): Who {
    return { generation: this.generation, pid: this.pid };
  }
}
