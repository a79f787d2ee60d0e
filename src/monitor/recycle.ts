import {
  canRenew,
  exceededLimit,
  type LimitReached,
  Renewals,
  type ResourceUsage,
  tooLow,
} from './policy/worker-limits.js';
import type { Worker } from './processes.js';
import { isSystemError, type Service } from './service.js';
import type { Workers } from './workers.js';

/** How often a worker's memory is looked at, in milliseconds: one at a time, since the kernel goes over all its pages. */
const MEASURE_INTERVAL_MS = 1000;

/** What was measured of a worker, in bytes. */
type Memory = Pick<ResourceUsage, 'memory' | 'own'>;
const NOTHING: Memory = { memory: 0, own: 0 };

const BY_PTRACE = 'since /proc/PID/smaps_rollup may not be read: give the monitor CAP_SYS_PTRACE';

/** Finds the workers that have reached one of their limits; the policy then has them replaced. */
export class Recycler {
  readonly #service: Service;
  readonly #workers: Workers;
  readonly #renewals = new Renewals();
  #measuredAt = Number.NEGATIVE_INFINITY;
  /** That memory is seen in full only has been said. */
  #hasWarnedOfMemory = false;

  constructor(service: Service, workers: Workers) {
    this.#service = service;
    this.#workers = workers;
  }

  /** By slot: when a worker that has reached a limit may be replaced. */
  get notBefore(): readonly number[] {
    return this.#renewals.notBefore;
  }

  /** The app was loaded anew. It may be another app, which needs less. */
  reset(): void {
    this.#renewals.reset();
  }

  poll(now: number): void {
    const ready = [...this.#workers].filter(({ phase, expired }) => phase === 'ready' && !expired);
    const measured = this.#nextToMeasure(ready, now);
    for (const worker of ready) {
      const isFirst = worker.measuredAt === undefined;
      const memory = worker === measured ? this.#measure(worker, now) : NOTHING;
      if (worker === measured) worker.own = memory.own;
      if (isFirst && worker === measured) worker.bornLarge = this.#isBornLarge(worker, memory);
      // It is what it was: a moment without connections is rare where there is much to do.
      const own = this.#canRenewNow(worker, now) ? worker.own : 0;
      const reached = exceeded(worker, { memory: memory.memory, own }, now);
      if (reached !== undefined) this.#expire(worker, reached, isFirst, now);
    }
  }

  /** When the next worker reaches its limit of age; Infinity for never. */
  nextAge(): number {
    const ends = [...this.#workers].map(({ phase, readyAt, limits }) => {
      const isLimited = phase === 'ready' && readyAt !== undefined && limits !== undefined && limits.lifetime > 0;
      return isLimited ? readyAt + limits.lifetime : Number.POSITIVE_INFINITY;
    });
    return Math.min(Number.POSITIVE_INFINITY, ...ends);
  }

  /** The one whose memory was looked at the longest time ago, first of all those that are new. */
  #nextToMeasure(ready: readonly Worker[], now: number): Worker | undefined {
    const { memory, own } = this.#service.useLimits;
    if ((memory === 0 && own === 0) || now - this.#measuredAt < MEASURE_INTERVAL_MS) return undefined;
    this.#measuredAt = now;
    const last = ({ measuredAt = Number.NEGATIVE_INFINITY }: Worker) => measuredAt;
    return ready.reduce<Worker | undefined>(
      (first, each) => (first && last(first) <= last(each) ? first : each),
      undefined,
    );
  }

  /** @returns nothing where it cannot be seen */
  #measure(worker: Worker, now: number): Memory {
    worker.measuredAt = now;
    try {
      const { settings, options } = this.#service;
      const held = options.memoryOf(worker.pid as number);
      this.#service.works('memory');
      const { inFull = false } = held;
      if (inFull) this.#warnOfMemory();
      return { memory: held[settings.maxMemoryKind], own: inFull ? 0 : held.private };
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#service.failed('memory', error.message);
      return NOTHING;
    }
  }

  #warnOfMemory(): void {
    if (this.#hasWarnedOfMemory) return;
    const { useLimits, settings } = this.#service;
    const warn = (message: string) => {
      this.#hasWarnedOfMemory = true;
      this.#service.warn(message);
    };
    if (useLimits.memory > 0 && settings.maxMemoryKind === 'pss') {
      const orSay = "or say '--max-memory-kind rss' if that is meant";
      warn(`--max-memory counts the pages that workers share in full (VmRSS), ${BY_PTRACE}, ${orSay}`);
    }
    if (useLimits.own > 0) warn(`--renew-memory does nothing, ${BY_PTRACE}`);
  }

  #isBornLarge({ record }: Worker, { own }: Memory): boolean {
    const limit = this.#service.useLimits.own;
    return limit > 0 && own >= limit && record.requests === 0;
  }

  #canRenewNow({ readyAt, record }: Worker, now: number): boolean {
    const others = [...this.#workers].filter(({ phase, expired }) => expired || phase !== 'ready').length;
    const age = now - (readyAt ?? now);
    return canRenew({ age, connections: record.connections, others }, this.#service.settings.renewInterval);
  }

  #expire(worker: Worker, reached: LimitReached, isFirst: boolean, now: number): void {
    const { limit, used } = reached;
    worker.expired = true;
    this.#service.warn(`to be replaced: it ${used}`, worker.ref);
    const age = now - (worker.readyAt ?? now);
    const atOnce = limit === 'own' ? worker.bornLarge : limit === 'memory' && isFirst;
    const isTooLow = this.#renewals.expired(worker.slot, { limit, age, atOnce }, now);
    if (isTooLow) this.#service.warn(tooLow(reached, this.#service.useLimits, age));
  }
}

function exceeded({ limits, readyAt, record }: Worker, { memory, own }: Memory, now: number): LimitReached | undefined {
  if (limits === undefined || readyAt === undefined) return undefined;
  return exceededLimit({ requests: record.requests, memory, lifetime: now - readyAt, own }, limits);
}
