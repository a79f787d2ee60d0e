import { pendingRequests } from '../posix/index.js';
import type { HeldWait } from './held-wait.js';

/** How often the app is looked at, in milliseconds. */
const TICK = 2;
/** A socket that is still connected after so long, with nothing else going on, is there to stay. In milliseconds. */
const SOCKET_TIMEOUT_MS = 1000;

export interface QuietOptions {
  /** Whether the app has come to where it may be forked. */
  readonly arrived: () => boolean;
  /** What the app may be waiting for that comes only after the fork. */
  readonly held?: HeldWait;
  /** What forbids the fork as things are; it may pass. */
  readonly obstacles: () => readonly string[];
  /** Whether obstacles count soon for an app that waits for what is held, too: otherwise only when the time is up. */
  readonly hasty?: boolean;
  /** In milliseconds. */
  readonly timeout: number;
}

/** How the wait ended: quiet, with obstacles that do not pass, too late, or with an event loop that has run empty. */
export type Quiet =
  | { readonly type: 'quiet' | 'late' | 'ended' }
  | { readonly type: 'obstacles'; readonly obstacles: readonly string[] };

/** Waits until the app has nothing under way: no request in the event loop or the thread pool, two looks in a row. */
export function whenQuiet({ arrived, held, obstacles, hasty = true, timeout }: QuietOptions): Promise<Quiet> {
  const start = performance.now();
  let quietSince: number | undefined;
  return new Promise((resolve) => {
    const end = (result: Quiet) => {
      clearInterval(timer);
      process.off('beforeExit', ended);
      resolve(result);
    };
    // Where the app is not to be loaded, nothing keeps the loop alive.
    const ended = () => (arrived() || held?.any ? timer.ref() : end({ type: 'ended' }));
    const look = () => {
      const now = performance.now();
      const late = now - start >= timeout;
      const hasArrived = arrived();
      const waits = !hasArrived && held !== undefined && (held.isStill(now) || (late && held.any));
      if (!(hasArrived || waits) || isBusy()) quietSince = undefined;
      else if (quietSince === undefined && !(waits && late)) quietSince = now;
      else {
        const found = obstacles();
        if (found.length === 0) return end({ type: 'quiet' });
        const isToStay = (hasArrived || hasty) && now - (quietSince ?? now) >= SOCKET_TIMEOUT_MS;
        if (late || isToStay) return end({ type: 'obstacles', obstacles: found });
      }
      if (late) return end({ type: 'late' });
    };
    const timer = setInterval(look, TICK).unref();
    process.on('beforeExit', ended);
  });
}

function isBusy(): boolean {
  return pendingRequests() > 0 || process.getActiveResourcesInfo().includes('Immediate');
}
