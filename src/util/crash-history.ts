import { backOff } from './back-off.js';

/** A process that lived for so long, in milliseconds, or that had a client, has not failed at its start. */
export const MIN_UPTIME_MS = 1000;
/** So many processes in a row that die at their start, or loads that fail, may be a crash loop. */
export const MAX_BOOT_FAILURES = 5;

/**
 * For so long, in milliseconds, a service that has served tries on: what it lacks, such as a database or descriptors, may
 * come back. One that has never served ends at once, for somebody waits to see whether it starts.
 */
export const RETRY_FOR_MS = 60_000;

/** How long a death counts for CrashRate, in milliseconds. */
const CRASH_WINDOW_MS = 60_000;

/** Failures of one kind, without a success between them. */
export interface Failures {
  readonly count: number;
  /** When the first of them was; milliseconds of any steady clock. */
  readonly since: number;
}

/** How a process's life ended. */
export interface Death {
  /** How long it was there to serve, in milliseconds; 0 for one that was not ready yet. */
  readonly uptimeMs: number;
  /** It had a client: its death must not count as a failure at the start. */
  readonly served: boolean;
}

/** The early deaths and the failed forks in each slot, and how long the slot stays empty after them. */
export class CrashHistory {
  readonly #early: Failures[] = [];
  readonly #failedForks: number[] = [];
  readonly #notBefore: number[] = [];

  /** By slot: when a process may be forked there again. */
  get notBefore(): readonly number[] {
    return this.#notBefore;
  }

  /** @returns how many in a row have died early there */
  earlyDeaths(slot: number): number {
    return this.#early[slot]?.count ?? 0;
  }

  /** @returns those in a row that died early there */
  died(slot: number, { uptimeMs, served }: Death, now: number): Failures {
    const count = served || uptimeMs >= MIN_UPTIME_MS ? 0 : this.earlyDeaths(slot) + 1;
    const early = { count, since: count > 1 ? (this.#early[slot]?.since ?? now) : now };
    this.#early[slot] = early;
    this.#notBefore[slot] = now + backOff(count - 1); // The first may be somebody's kill.
    return early;
  }

  /** The system lacks something that a fork needs. @returns how many forks in a row have failed there */
  forkFailed(slot: number, now: number): number {
    const failed = (this.#failedForks[slot] ?? 0) + 1;
    this.#failedForks[slot] = failed;
    this.#notBefore[slot] = now + backOff(failed);
    return failed;
  }

  forked(slot: number): void {
    this.#failedForks[slot] = 0;
  }
}

export interface ServiceHealth {
  /** All workers have been there once. */
  readonly hasServed: boolean;
  /** Some worker serves now. */
  readonly hasReadyWorker: boolean;
}

/** Whether a service is to end, since nothing but failures can be expected. */
export function isCrashLoop({ count, since }: Failures, health: ServiceHealth, now: number): boolean {
  if (health.hasReadyWorker || count < MAX_BOOT_FAILURES) return false;
  return !health.hasServed || now - since >= RETRY_FOR_MS;
}

/**
 * Slows down those who crash workers on purpose: all workers of a generation have the same addresses, so that each
 * crash is a guess at them. Only unasked deaths count, in all slots together.
 */
export class CrashRate {
  /** When workers died, oldest first; of those that still count. */
  #deaths: number[] = [];

  /** @returns whether this death is the one by which the limit is exceeded */
  died(limit: number, now: number): boolean {
    this.#deaths = [...this.#deaths.filter((at) => now - at < CRASH_WINDOW_MS), now];
    return limit > 0 && this.#deaths.length === limit + 1;
  }

  /** @returns when workers may be forked again. @param limit how many may die within a minute; 0 for any number */
  notBefore(limit: number): number {
    const oldest = this.#deaths.at(-limit);
    return limit === 0 || oldest === undefined || this.#deaths.length <= limit ? 0 : oldest + CRASH_WINDOW_MS;
  }
}
