import { canRenew, type Reached, reached, tooLow, type Use } from './policy/worker-limits.js';
import type { Worker } from './processes.js';
import { isSystemError, type State } from './state.js';

/** How often a worker's memory is looked at, in milliseconds: one at a time, since the kernel goes over all its pages. */
const MEASURE_EVERY = 1000;

/** Finds the workers that have reached one of their limits; the policy then has them replaced. */
export class Expiry {
  #measuredAt = Number.NEGATIVE_INFINITY;

  look(state: State, now: number): void {
    const ready = [...state.workers].filter(({ phase, expired }) => phase === 'ready' && !expired);
    const measured = this.#next(state, ready, now);
    for (const worker of ready) {
      const isFirst = worker.measuredAt === undefined;
      const memory = worker === measured ? measure(state, worker, now) : NOTHING;
      if (worker === measured) worker.own = memory.own;
      if (isFirst && worker === measured) worker.bornLarge = isBornLarge(state, worker, memory);
      // It is what it was: a moment without connections is rare where there is much to do.
      const own = canRenewNow(state, worker, now) ? worker.own : 0;
      const found = reachedBy(worker, { ...memory, own }, now);
      if (found !== undefined) expire(state, worker, found, isFirst, now);
    }
  }

  /** When the next worker reaches its limit of age; Infinity for never. */
  nextAge({ workers }: State): number {
    const ends = [...workers].map(({ phase, readyAt, limits }) => {
      const isLimited = phase === 'ready' && readyAt !== undefined && limits !== undefined && limits.lifetime > 0;
      return isLimited ? readyAt + limits.lifetime : Number.POSITIVE_INFINITY;
    });
    return Math.min(Number.POSITIVE_INFINITY, ...ends);
  }

  /** The one whose memory was looked at the longest time ago, first of all those that are new. */
  #next({ use }: State, ready: readonly Worker[], now: number): Worker | undefined {
    if ((use.memory === 0 && use.own === 0) || now - this.#measuredAt < MEASURE_EVERY) return undefined;
    this.#measuredAt = now;
    const last = ({ measuredAt = Number.NEGATIVE_INFINITY }: Worker) => measuredAt;
    return ready.reduce<Worker | undefined>(
      (first, each) => (first && last(first) <= last(each) ? first : each),
      undefined,
    );
  }
}

/** In bytes. */
type Held = Pick<Use, 'memory' | 'own'>;
const NOTHING: Held = { memory: 0, own: 0 };

/** @returns nothing where it cannot be seen */
function measure(state: State, worker: Worker, now: number): Held {
  worker.measuredAt = now;
  try {
    const { maxMemoryKind } = state.settings;
    const held = state.options.memoryOf(worker.pid as number);
    state.works('memory');
    const { inFull = false } = held;
    if (inFull) warnOfMemory(state);
    return { memory: held[maxMemoryKind], own: inFull ? 0 : held.private };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    state.failed('memory', error.message);
    return NOTHING;
  }
}

const BY_PTRACE = 'since /proc/PID/smaps_rollup may not be read: give the monitor CAP_SYS_PTRACE';

function warnOfMemory(state: State): void {
  const { use, settings, warnedOfMemory } = state;
  if (warnedOfMemory) return;
  const warn = (message: string) => {
    state.warnedOfMemory = true;
    state.report({ type: 'warning', message });
  };
  if (use.memory > 0 && settings.maxMemoryKind === 'pss') {
    const orSay = "or say '--max-memory-kind rss' if that is meant";
    warn(`--max-memory counts the pages that workers share in full (VmRSS), ${BY_PTRACE}, ${orSay}`);
  }
  if (use.own > 0) warn(`--renew-memory does nothing, ${BY_PTRACE}`);
}

function isBornLarge({ use }: State, { record }: Worker, { own }: Held): boolean {
  return use.own > 0 && own >= use.own && record.requests === 0;
}

function canRenewNow({ workers, settings }: State, worker: Worker, now: number): boolean {
  const others = [...workers].filter(({ phase, expired }) => expired || phase !== 'ready').length;
  const { readyAt = now, record } = worker;
  return canRenew({ age: now - readyAt, connections: record.connections, others }, settings.renewInterval);
}

function reachedBy({ limits, readyAt, record }: Worker, held: Held, now: number): Reached | undefined {
  if (limits === undefined || readyAt === undefined) return undefined;
  return reached({ ...held, requests: record.requests, lifetime: now - readyAt }, limits);
}

function expire(state: State, worker: Worker, found: Reached, isFirst: boolean, now: number): void {
  const { limit, used } = found;
  worker.expired = true;
  state.report({ type: 'warning', message: `to be replaced: it ${used}`, ...worker.who });
  const age = now - (worker.readyAt ?? now);
  const atOnce = limit === 'own' ? worker.bornLarge : limit === 'memory' && isFirst;
  const isTooLow = state.renewals.expired(worker.slot, { limit, age, atOnce }, now);
  if (isTooLow) state.report({ type: 'warning', message: tooLow(found, state.use, age) });
}
