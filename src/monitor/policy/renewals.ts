import { type BackOff, backOff } from '../../util/back-off.js';
import type { LimitName } from './worker-limits.js';

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
  readonly tooSoon: number;
}

/** Requests and lifetime are the user's own measure of a short life. Memory says what the app needs. */
const PACES: Readonly<Record<LimitName, Pace>> = {
  requests: { tooSoon: 500, first: 100, longest: 5000 },
  lifetime: { tooSoon: 500, first: 100, longest: 5000 },
  memory: { tooSoon: 60_000, first: 1000, longest: 60_000 },
  // There is no hurry, and where the limit is too low each successor is no gain.
  own: { tooSoon: 0, first: 60_000, longest: 3_600_000 },
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
    const isTooSoon = atOnce || age < pace.tooSoon;
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
