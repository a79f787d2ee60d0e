import type { EventedChannel } from '../channel/evented.js';
import type { WorkerFacts, ZygoteFacts } from '../policy/supervision.js';
import type { UseLimits } from '../policy/worker-limits.js';
import type { WorkerRecord } from '../scoreboard/index.js';

/** A worker as the monitor knows it. */
export class Worker {
  phase: WorkerFacts['phase'] = 'forking';
  since: number;
  expired = false;
  killed = false;
  /** Known from its first word on. */
  pid: number | undefined;
  readyAt: number | undefined;
  /** Its own, once it is ready. */
  limits: UseLimits | undefined;
  /** Set once the record is its own. */
  channel!: EventedChannel;

  constructor(
    readonly slot: number,
    readonly generation: number,
    readonly record: WorkerRecord,
    now: number,
  ) {
    this.since = now;
  }

  enter(phase: WorkerFacts['phase'], now: number): void {
    this.phase = phase;
    this.since = now;
  }
}

/** A zygote as the monitor knows it. */
export class Zygote {
  phase: ZygoteFacts['phase'] = 'loading';
  since: number;
  pid = 0;
  channel!: EventedChannel;
  /** Why it will not load, as it said itself or the monitor found. */
  reasons: readonly string[] = [];

  constructor(
    readonly generation: number,
    now: number,
  ) {
    this.since = now;
  }

  enter(phase: ZygoteFacts['phase'], now: number): void {
    this.phase = phase;
    this.since = now;
  }
}
