/** Where a Worker keeps what it is to run; by name, since it may be loaded from another copy of this package. */
export const WHEN_COPIED = 'prefork.whenCopied';

/**
 * Has this Worker (worker_threads) run a function in each forked child that has copied it, before any other code runs
 * there.
 */
export function whenCopied(run: () => void): void {
  const key = Symbol.for(WHEN_COPIED);
  const all: (() => void)[] = Reflect.get(globalThis, key) ?? [];
  if (all.length === 0) Object.defineProperty(globalThis, key, { value: all });
  all.push(run);
}
