import { type BackOff, backOff } from '../../util/back-off.js';

/** What a worker may use up before it is replaced; 0 for as much as it likes. */
export interface UseLimits {
  readonly requests: number;
  /** Bytes. */
  readonly memory: number;
  /** Milliseconds. */
  readonly lifetime: number;
  /** Bytes that it shares with no other worker: of one that is idle, and not at once. See canRenew(). */
  readonly own: number;
}

/** What it has used. */
export type ResourceUsage = UseLimits;

export type LimitName = keyof UseLimits;

/** What counts for whether a worker may be renewed for its own memory. */
export interface Renewable {
  /** How long it has been ready, in milliseconds. */
  readonly age: number;
  /** Those that are open. */
  readonly connections: number;
  /** How many workers are to be replaced already, or are not ready. */
  readonly others: number;
}

/**
 * Whether a worker may be renewed for its own memory, which is a gain and no need: no client is to notice.
 * @param interval how long it is to have been ready, in milliseconds
 */
export function canRenew({ age, connections, others }: Renewable, interval: number): boolean {
  return age >= interval && connections === 0 && others === 0;
}

/** A limit that a worker has reached. */
export interface LimitReached {
  readonly limit: LimitName;
  /** What the worker has used of it, in words: 'holds 63 MiB'. */
  readonly used: string;
}

/** One worker's own limits, each shortened by up to `jitter` (0 to 1), so that workers of one age do not go together. */
export function withJitter(limits: UseLimits, jitter: number, random: () => number): UseLimits {
  const shorten = (limit: number) => (limit === 0 ? 0 : Math.max(1, Math.round(limit * (1 - jitter * random()))));
  return {
    requests: shorten(limits.requests),
    memory: shorten(limits.memory),
    lifetime: shorten(limits.lifetime),
    own: shorten(limits.own),
  };
}

/** The first limit that it has reached; undefined while it has reached none. */
export function exceededLimit(usage: ResourceUsage, limits: UseLimits): LimitReached | undefined {
  for (const limit of ['requests', 'memory', 'lifetime', 'own'] as const) {
    if (limits[limit] > 0 && usage[limit] >= limits[limit]) return { limit, used: USED[limit](usage[limit]) };
  }
  return undefined;
}

/**
 * What to do about a limit that workers reach as soon as they serve.
 * @param age milliseconds after it was ready at which a worker had used so much
 */
export function tooLow({ limit, used }: LimitReached, { [limit]: value }: UseLimits, age: number): string {
  const setting = `--${limit === 'own' ? 'renew-memory' : `max-${limit}`} ${AMOUNTS[limit](value)}`;
  const found = `a new worker ${used} ${(age / 1000).toFixed(1)} s after it is ready`;
  return `${setting} is ${VERDICTS[limit]}: ${found}. Until it is raised, such workers are replaced more and more rarely`;
}

const AMOUNTS: Readonly<Record<LimitName, (value: number) => string>> = {
  requests: (value) => `${value}`,
  memory: (value) => `${Math.round(value / 2 ** 20)} MiB`,
  own: (value) => `${Math.round(value / 2 ** 20)} MiB`,
  lifetime: (value) => (value < 1000 ? `${Math.round(value)} ms` : `${Math.round(value / 1000)} s`),
};

const USED: Readonly<Record<LimitName, (value: number) => string>> = {
  requests: (value) => `has served ${AMOUNTS.requests(value)} requests`,
  memory: (value) => `holds ${AMOUNTS.memory(value)}`,
  own: (value) => `has ${AMOUNTS.own(value)} for itself`,
  lifetime: (value) => `is ${AMOUNTS.lifetime(value)} old`,
};

const VERDICTS: Readonly<Record<LimitName, string>> = {
  requests: 'too low for this load',
  memory: 'below what the app needs',
  own: 'below what a new worker soon has',
  lifetime: 'too short',
};

/** How a worker came to reach a limit. */
export interface Expired {
  readonly limit: LimitName;
  /** How long it had been ready, in milliseconds. */
  readonly age: number;
  /** The first look at it found it so: its successor will be no better. */
  readonly atOnce: boolean;
}

interface Pace extends BackOff {
  /** A worker that reaches its limit sooner, in milliseconds after it was ready, has a limit that is too low. */
  readonly tooSoonMs: number;
}

/** Requests and lifetime are the user's own measure of a short life. Memory says what the app needs. */
const PACES: Readonly<Record<LimitName, Pace>> = {
  requests: { tooSoonMs: 500, first: 100, longest: 5000 },
  lifetime: { tooSoonMs: 500, first: 100, longest: 5000 },
  memory: { tooSoonMs: 60_000, first: 1000, longest: 60_000 },
  // There is no hurry, and where the limit is too low each successor is no gain.
  own: { tooSoonMs: 0, first: 60_000, longest: 3_600_000 },
};

/** Slows the replacement of workers that reach a limit as soon as they serve, by slot. */
export class Renewals {
  #early: number[] = [];
  #notBefore: number[] = [];
  #hasWarned = false;

  /** By slot: when a worker that has reached a limit may be replaced. */
  get notBefore(): readonly number[] {
    return this.#notBefore;
  }

  /** @returns whether to warn, once, that the limit is too low for the app */
  expired(slot: number, { limit, age, atOnce }: Expired, now: number): boolean {
    const pace = PACES[limit];
    const isTooSoon = atOnce || age < pace.tooSoonMs;
    const early = isTooSoon ? (this.#early[slot] ?? 0) + 1 : 0;
    this.#early[slot] = early;
    this.#notBefore[slot] = now + backOff(early, pace);
    const warn = isTooSoon && !this.#hasWarned;
    this.#hasWarned ||= isTooSoon;
    return warn;
  }

  /** The app was loaded anew: workers may have another size. */
  reset(): void {
    this.#early = [];
    this.#notBefore = [];
    this.#hasWarned = false;
  }
}
