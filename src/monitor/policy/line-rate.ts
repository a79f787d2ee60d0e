import { TokenBucket } from '../../util/token-bucket.js';

/** How many lines one process may have logged at once, and how many each second in the long run. */
const RATE = { burst: 50, perSecond: 5 };

/** Keeps a process from filling the log. Times are milliseconds of a steady clock. */
export class LineRate {
  readonly #bucket = new TokenBucket(RATE);
  #suppressed = 0;

  /**
   * Whether a line may be logged now; one that may not is counted.
   * @returns false, or how many lines before it were not logged
   */
  take(now: number): number | false {
    if (!this.#bucket.take(1, now)) {
      this.#suppressed++;
      return false;
    }
    const before = this.#suppressed;
    this.#suppressed = 0;
    return before;
  }
}

/** A line, with what it stands for. */
export function withSuppressed(message: string, before: number): string {
  return before === 0 ? message : `${message} (${before} lines before it were not logged: they came too fast)`;
}
