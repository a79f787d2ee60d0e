import { type Reached, reached, tooLow } from './policy/worker-limits.js';
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
      const memory = worker === measured ? measure(state, worker, now) : 0;
      const found = reachedBy(worker, memory, now);
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
    if (use.memory === 0 || now - this.#measuredAt < MEASURE_EVERY) return undefined;
    this.#measuredAt = now;
    const last = ({ measuredAt = Number.NEGATIVE_INFINITY }: Worker) => measuredAt;
    return ready.reduce<Worker | undefined>(
      (first, each) => (first && last(first) <= last(each) ? first : each),
      undefined,
    );
  }
}

/** @returns bytes; 0 where it cannot be seen */
function measure(state: State, worker: Worker, now: number): number {
  worker.measuredAt = now;
  try {
    const { maxMemoryKind } = state.settings;
    const { [maxMemoryKind]: memory, inFull = false } = state.options.memoryOf(worker.pid as number);
    state.works('memory');
    if (inFull && maxMemoryKind === 'pss') warnOfMemory(state);
    return memory;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    state.failed('memory', error.message);
    return 0;
  }
}

function warnOfMemory(state: State): void {
  if (state.warnedOfMemory) return;
  state.warnedOfMemory = true;
  const message =
    "--max-memory counts the pages that workers share in full (VmRSS), since /proc/PID/smaps_rollup may not be read: give the monitor CAP_SYS_PTRACE, or say '--max-memory-kind rss' if that is meant";
  state.report({ type: 'warning', message });
}

function reachedBy({ limits, readyAt, record }: Worker, memory: number, now: number): Reached | undefined {
  if (limits === undefined || readyAt === undefined) return undefined;
  return reached({ requests: record.requests, memory, lifetime: now - readyAt }, limits);
}

function expire(state: State, worker: Worker, found: Reached, isFirst: boolean, now: number): void {
  const { limit, used } = found;
  worker.expired = true;
  state.report({ type: 'warning', message: `to be replaced: it ${used}`, ...worker.who });
  const age = now - (worker.readyAt ?? now);
  const isTooLow = state.renewals.expired(worker.slot, { limit, age, atOnce: limit === 'memory' && isFirst }, now);
  if (isTooLow) state.report({ type: 'warning', message: tooLow(found, state.use, age) });
}
