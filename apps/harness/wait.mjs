import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until `look` gives something truthy, for what has no event to await.
 * @param {string} what named in the error
 * @param {number} milliseconds how long at most
 * @param {() => unknown} look may be async; what it throws counts as not yet, and is told in the error
 */
export async function eventually(what, milliseconds, look, pause = 20) {
  const deadline = performance.now() + milliseconds;
  let last;
  for (;;) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      if (error instanceof GivenUp) throw error;
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`not within ${Math.round(milliseconds)} ms: ${what}${last ? ` (${last.message})` : ''}`);
    }
    await sleep(pause);
  }
}

/** Thrown by a `look`: what it waits for will not come. */
export class GivenUp extends Error {}
