/** How long a death counts, in milliseconds. */
const WINDOW = 60_000;

/**
 * Slows down those who crash workers on purpose: all workers of a generation have the same addresses, so that each
 * crash is a guess at them. Deaths count that nobody asked for, in all slots together.
 */
export class CrashRate {
  /** When workers died, oldest first; of those that still count. */
  #deaths: number[] = [];

  /** @returns whether this death is the one by which the limit is exceeded */
  died(limit: number, now: number): boolean {
    this.#deaths = [...this.#deaths.filter((at) => now - at < WINDOW), now];
    return limit > 0 && this.#deaths.length === limit + 1;
  }

  /** @returns when workers may be forked again. @param limit how many may die within a minute; 0 for any number */
  notBefore(limit: number): number {
    const oldest = this.#deaths.at(-limit);
    return limit === 0 || oldest === undefined || this.#deaths.length <= limit ? 0 : oldest + WINDOW;
  }
}
