/** A call that fails again and again is told of twice, in words: when it begins to fail, and when that is over. */
export class Trouble {
  #count = 0;
  /** When the first failure of the row was; milliseconds of any steady clock. */
  #since = 0;

  /** @param begins 'cannot fork a worker' @param ends 'forks workers again' */
  constructor(
    readonly begins: string,
    readonly ends: string,
  ) {}

  /** It failed once more. @returns what to tell; undefined when that was told before */
  failed(why: string, now: number): string | undefined {
    this.#count++;
    if (this.#count > 1) return undefined;
    this.#since = now;
    return `${this.begins}: ${why}`;
  }

  /** All is well. @returns what to tell; undefined when nothing had failed */
  over(now: number): string | undefined {
    if (this.#count === 0) return undefined;
    const times = this.#count === 1 ? 'one failure' : `${this.#count} failures`;
    this.#count = 0;
    return `${this.ends}, after ${times} in ${((now - this.#since) / 1000).toFixed(1)} s`;
  }
}
