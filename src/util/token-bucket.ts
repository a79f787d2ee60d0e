export interface TokenBucketOptions {
  /** How many tokens it holds: what may be taken at once. */
  readonly burst: number;
  /** How many come back each second: what may be taken in the long run. */
  readonly perSecond: number;
}

/** A token bucket, full at first, which bounds how often something happens. Times are milliseconds of a steady clock. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #left: number;
  #since: number | undefined;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#left = options.burst;
  }

  /** @returns false when there are not so many; none is taken then */
  take(tokens: number, now: number): boolean {
    this.#refill(now);
    if (this.#left < tokens) return false;
    this.#left -= tokens;
    return true;
  }

  /**
   * Takes tokens for what has happened already, also more than there are.
   * @returns in how many milliseconds the bucket owes nothing any more; 0 while it does not
   */
  spend(tokens: number, now: number): number {
    this.#refill(now);
    this.#left -= tokens;
    return this.#left >= 0 ? 0 : Math.ceil((-this.#left / this.#options.perSecond) * 1000);
  }

  #refill(now: number): void {
    const { burst, perSecond } = this.#options;
    const seconds = Math.max(0, now - (this.#since ?? now)) / 1000;
    this.#left = Math.min(burst, this.#left + seconds * perSecond);
    this.#since = now;
  }
}
