import { DebuggersView, type SourcePlace } from '../../posix/child/debuggers-view.js';
import { activeTimers, findTimers } from '../../posix/child/timers.js';
import { fileOf, isOwn, placeOf } from './place.js';

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

/** Where the timers' functions are written, as far as it was looked up. */
const places = new WeakMap<object, SourcePlace | undefined>();

/** The app's timers that keep the event loop alive; none in a Node without an inspector. */
export function appTimers(): Timers[] {
  findTimers();
  const timers = activeTimers() as Timer[];
  lookUp(timers.map((timer) => timer._onTimeout));
  const groups = new Map<string, Timers>();
  for (const { _onTimeout, _idleTimeout: duration, _repeat } of timers) {
    const repeats = _repeat !== null;
    const source = places.get(_onTimeout);
    if (source && isOwn(source.script)) continue;
    const place = source && placeOfSource(source);
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

function lookUp(functions: readonly object[]): void {
  const unknown = functions.filter((fn) => !places.has(fn));
  if (unknown.length === 0) return;
  const view = new DebuggersView();
  for (const [index, place] of view.sourcePlaces(unknown).entries()) places.set(unknown[index] as object, place);
  view.close();
}

function placeOfSource({ script, line, column }: SourcePlace): string | undefined {
  const file = fileOf(script);
  return file === undefined ? undefined : placeOf([{ file, line, column }]);
}
