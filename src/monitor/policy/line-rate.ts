/** How many lines one process may have logged at once, and how many each second in the long run. */
const BURST = 50;
const PER_SECOND = 5;

/** Keeps a process from filling the log: a bucket of lines. Times are milliseconds of a steady clock. */
export class LineRate {
  #left = BURST;
  #since: number | undefined;
  #suppressed = 0;

  /**
   * Whether a line may be logged now; one that may not is counted.
   * @returns false, or how many lines before it were not logged
   */
  take(now: number): number | false {
    this.#left = Math.min(BURST, this.#left + ((now - (this.#since ?? now)) / 1000) * PER_SECOND);
    this.#since = now;
    if (this.#left < 1) {
      this.#suppressed++;
      return false;
    }
    this.#left--;
    const before = this.#suppressed;
    this.#suppressed = 0;
    return before;
  }
}

/** A line, with what it stands for. */
export function withSuppressed(message: string, before: number): string {
  return before === 0 ? message : `${message} (${before} lines before it were not logged: they came too fast)`;
}
