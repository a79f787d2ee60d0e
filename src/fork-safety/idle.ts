import { ownInterval } from '../node/timers.js';
import { pendingRequests } from '../posix/index.js';
import type { HeldWait } from './held-wait.js';

/** How often the app is looked at, in milliseconds. */
const TICK_MS = 2;
/** A socket that is still connected after so long, with nothing else going on, is there to stay. In milliseconds. */
const SOCKET_TIMEOUT_MS = 1000;
/** Immediates that follow one another for so long, with nothing else going on, are a loop that does not end. */
const IMMEDIATES_TIMEOUT_MS = 2000;

export interface IdleOptions {
  /** Whether the app has come to where it may be forked. */
  readonly isLoaded: () => boolean;
  /** What the app may be waiting for that comes only after the fork. */
  readonly held?: HeldWait;
  /** What forbids the fork as things are; it may pass. */
  readonly blockers: () => readonly string[];
  /** Whether blockers count soon for an app that waits for what is held, too: otherwise only when the time is up. */
  readonly hasty?: boolean;
  /** Milliseconds until it gives up. */
  readonly timeout: number;
}

/** How the wait ended: idle, with blockers that do not pass, too late, or with an event loop that has run empty. */
export type IdleResult =
  | { readonly type: 'idle' | 'late' | 'ended' }
  | { readonly type: 'blockers'; readonly blockers: readonly string[] };

/**
 * Waits until the app has nothing under way: no request in the event loop or the thread pool, two looks in a row. A loop
 * of immediates that does not end, as of a game, goes on in each worker.
 */
export function waitUntilIdle({ isLoaded, held, blockers, hasty = true, timeout }: IdleOptions): Promise<IdleResult> {
  const start = performance.now();
  let idleSince: number | undefined;
  let lastRequest = start;
  return new Promise((resolve) => {
    const end = (result: IdleResult) => {
      clearInterval(timer);
      process.off('beforeExit', ended);
      resolve(result);
    };
    // Where the app is not to be loaded, nothing keeps the loop alive.
    const ended = () => (isLoaded() || held?.any ? timer.ref() : end({ type: 'ended' }));
    const look = () => {
      const now = performance.now();
      const late = now - start >= timeout;
      const hasLoaded = isLoaded();
      const waits = !hasLoaded && held !== undefined && (held.isStill(now) || (late && held.any));
      const hasRequests = pendingRequests() > 0;
      if (hasRequests || !hasLoaded) lastRequest = now;
      const isBusy = hasRequests || (hasImmediates() && now - lastRequest < IMMEDIATES_TIMEOUT_MS);
      if (!(hasLoaded || waits) || isBusy) idleSince = undefined;
      else if (idleSince === undefined && !(waits && late)) idleSince = now;
      else {
        const found = blockers();
        if (found.length === 0) return end({ type: 'idle' });
        const isToStay = (hasLoaded || hasty) && now - (idleSince ?? now) >= SOCKET_TIMEOUT_MS;
        if (late || isToStay) return end({ type: 'blockers', blockers: found });
      }
      if (late) return end({ type: 'late' });
    };
    const timer = ownInterval(look, TICK_MS);
    process.on('beforeExit', ended);
    look(); // The app may have been at rest for long.
  });
}

function hasImmediates(): boolean {
  return process.getActiveResourcesInfo().includes('Immediate');
}
