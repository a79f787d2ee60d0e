import { setTimeout as sleep } from 'node:timers/promises';

/** How often to look, in milliseconds: what another process does tells nobody when it is done. */
const INTERVAL = 20;

/** What `look` finds, as soon as it finds something; undefined when that takes longer than `timeout` milliseconds. */
export async function until<T>(look: () => T | undefined, timeout = Number.POSITIVE_INFINITY): Promise<T | undefined> {
  const end = performance.now() + timeout;
  for (;;) {
    const found = look();
    if (found !== undefined || performance.now() >= end) return found;
    await sleep(INTERVAL);
  }
}
