import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What `look` finds, as soon as it finds something; undefined when that takes longer than `timeout` milliseconds.
 * @param interval how often to look, in milliseconds: another process does not report that it is done
 */
export async function until<T>(
  look: () => T | undefined | false,
  timeout = Number.POSITIVE_INFINITY,
  interval = 20,
): Promise<T | undefined> {
  const end = performance.now() + timeout;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() >= end) return undefined;
    await sleep(interval);
  }
}

/** What the promise gives; undefined when it takes longer, in milliseconds. */
export function within<T>(limit: number, promise: Promise<T>): Promise<T | undefined> {
  const end = new AbortController();
  const late = sleep(limit, undefined, { signal: end.signal }).catch(() => undefined);
  return Promise.race([promise, late]).finally(() => end.abort());
}
