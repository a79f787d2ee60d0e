import { setTimeout as sleep } from 'node:timers/promises';
import { TIMEOUT_MS } from './lines.js';

type Look<T> = T | undefined | false;

/** Waits until `look` gives something other than false or undefined, for what has no event to await: states in /proc. */
export async function eventually<T>(what: string, look: () => Look<T> | Promise<Look<T>>): Promise<T> {
  const failure = new Error(); // Made here: its stack then names the caller.
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) {
      failure.message = `not within ${TIMEOUT_MS} ms: ${what}`;
      throw failure;
    }
    await sleep(10);
  }
}
