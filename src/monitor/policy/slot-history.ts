import { backOff } from '../../util/back-off.js';
import type { Failures } from './crash-loop.js';

/** A worker that served a client, or was ready for so long, in milliseconds, lived well. */
export const LIVED_WELL = 1000;

/** How a worker's life ended. */
export interface Death {
  /** It had become ready. */
  readonly ready: boolean;
  /** For how long, in milliseconds. */
  readonly readyFor: number;
  /** It had a client. */
  readonly served: boolean;
}

/** The early deaths and the forks that failed in each slot, and how long it stays empty after them. */
export class SlotHistory {
  readonly #early: Failures[] = [];
  readonly #failed: number[] = [];
  readonly #notBefore: number[] = [];

  /** By slot: when a worker may be forked there again. */
  get notBefore(): readonly number[] {
    return this.#notBefore;
  }

  /** @returns those in a row that died early there */
  died(slot: number, { ready, readyFor, served }: Death, now: number): Failures {
    const livedWell = served || (ready && readyFor >= LIVED_WELL);
    const { count = 0, since = now } = this.#early[slot] ?? {};
    const early = livedWell ? { count: 0, since: now } : { count: count + 1, since: count === 0 ? now : since };
    this.#early[slot] = early;
    this.#notBefore[slot] = now + backOff(early.count - 1); // The first may be somebody's kill.
    return early;
  }

  /** A worker could not be forked: the system lacks something. @returns how many times in a row */
  forkFailed(slot: number, now: number): number {
    const failed = (this.#failed[slot] ?? 0) + 1;
    this.#failed[slot] = failed;
    this.#notBefore[slot] = now + backOff(failed);
    return failed;
  }

  forked(slot: number): void {
    this.#failed[slot] = 0;
  }
}
