/** Finds what has been waited for longer than it may take. It notices each one when it first looks. */
export class Overdue<T extends object> {
  readonly #since = new WeakMap<T, number>();

  /** @param limitMs milliseconds that one may take from when it was first seen to wait */
  constructor(readonly limitMs: number) {}

  /**
   * Looks at all of them; to be called several times within the limit.
   * @param isWaiting whether one is still waited for: one that was not waited for in between begins anew
   * @param now milliseconds of any steady clock
   */
  look(all: Iterable<T>, isWaiting: (each: T) => boolean, now: number): T[] {
    const overdue: T[] = [];
    for (const each of all) {
      if (!isWaiting(each)) {
        this.#since.delete(each);
        continue;
      }
      const since = this.#since.get(each) ?? now;
      this.#since.set(each, since);
      if (now - since >= this.limitMs) overdue.push(each);
    }
    return overdue;
  }
}
