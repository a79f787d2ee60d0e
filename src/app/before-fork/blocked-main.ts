import type { Threads } from '../../fork-safety/threads.js';
import { callerPlace } from '../../util/call-site.js';

/** How long the main thread may block while Workers stand at held connects. */
const BLOCKED_TIMEOUT_MS = 5000;
const LOOK_EVERY_MS = 100;

/**
 * Watches, until the fork, whether the main thread blocks in Atomics.wait: a connect that a Worker makes meanwhile is
 * not held, since the main thread may be waiting for it, and would never come to the fork.
 * @param refuse told why the app never gets on: a Worker stands at a connect that was held before
 * @returns to be called in a process that has been forked
 */
export function watchBlockedMain(threads: Threads, refuse: (reason: string) => never): () => void {
  const { wait } = Atomics;
  function blocking(...[array, index, value, timeout = Number.POSITIVE_INFINITY]: Parameters<typeof wait>) {
    threads.isMainBlocked = true;
    try {
      if (threads.awaited === 0) return wait(array, index, value, timeout);
      return waitPatiently(array, index, value, timeout);
    } finally {
      threads.isMainBlocked = false;
    }
  }

  // Where a wake-up falls between two of these waits, with the value as it was, the refusal ends the wait.
  function waitPatiently(...[array, index, value, timeout]: Required<Parameters<typeof wait>>) {
    const start = performance.now();
    for (let left = timeout; ; left = timeout - (performance.now() - start)) {
      const result = wait(array, index, value, Math.min(left, LOOK_EVERY_MS));
      if (result !== 'timed-out' || left <= LOOK_EVERY_MS) return result;
      if (performance.now() - start >= BLOCKED_TIMEOUT_MS && threads.awaited > 0) refuse(reason());
    }
  }

  function reason(): string {
    const place = callerPlace(blocking);
    const connects = threads.held.map(({ destination, by }) => `a connect to ${destination} by ${by}`);
    return (
      `the main thread blocks in Atomics.wait${place === undefined ? '' : ` at ${place}`}, perhaps for what is held ` +
      `until the fork: ${connects.join(', ')}; start the Worker in afterFork (prefork/app), or start with --no-preload`
    );
  }

  // Where the app, or --frozen-intrinsics, has frozen Atomics, it stays as it is.
  Reflect.set(Atomics, 'wait', blocking);
  return () => {
    Reflect.set(Atomics, 'wait', wait);
  };
}
