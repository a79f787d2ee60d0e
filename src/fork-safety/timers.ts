import { whereWritten } from '../node/function-places.js';
import { activeTimers, findTimers, type KnownTimer } from '../node/timers.js';

/** Timers of the same duration and the same code. */
export interface Timers {
  readonly count: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly repeats: boolean;
  /** Where their function is written. */
  readonly place: string | undefined;
}

/** The app's timers that keep the event loop alive; none in a Node without an inspector. */
export function appTimers(): Timers[] {
  findTimers();
  const timers = activeTimers();
  const written = whereWritten(timers.map(({ callback }) => callback));
  const groups = new Map<string, Timers>();
  for (const [index, { place, isOwn }] of written.entries()) {
    if (isOwn) continue;
    const { duration, repeats } = timers[index] as KnownTimer;
    const key = `${duration} ${repeats} ${place}`;
    groups.set(key, { count: (groups.get(key)?.count ?? 0) + 1, duration, repeats, place });
  }
  return [...groups.values()];
}

/** '2 timers of 500 ms, whose function is at db.js:3:9' */
export function timersText({ count, duration, place }: Timers): string {
  const what = count === 1 ? 'a timer' : `${count} timers`;
  return `${what} of ${duration} ms${place === undefined ? '' : `, whose function is at ${place}`}`;
}
