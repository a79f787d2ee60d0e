import { whereWritten } from '../node/function-places.js';
import { activeTimers, findTimers } from '../node/timers.js';

/** Timers of the same duration and the same code. */
export interface Timers {
  readonly count: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly repeats: boolean;
  /** Where their function is written. */
  readonly place: string | undefined;
}

type Timer = NodeJS.Timeout & {
  readonly _onTimeout: object;
  readonly _idleTimeout: number;
  readonly _repeat: number | null;
};

/** The app's timers that keep the event loop alive; none in a Node without an inspector. */
export function appTimers(): Timers[] {
  findTimers();
  const timers = activeTimers() as Timer[];
  const written = whereWritten(timers.map((timer) => timer._onTimeout));
  const groups = new Map<string, Timers>();
  for (const [index, { place, isOwn }] of written.entries()) {
    if (isOwn) continue;
    const { _idleTimeout: duration, _repeat } = timers[index] as Timer;
    const repeats = _repeat !== null;
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
