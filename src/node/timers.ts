import { look } from './inspector-session.js';

interface TimerList {
  /** The timer that was set first. */
  _idlePrev: NodeJS.Timeout | TimerList;
}
type Timer = NodeJS.Timeout & {
  _idlePrev: NodeJS.Timeout | TimerList;
  readonly _onTimeout: object;
  /** When it began to count, in milliseconds of the event loop's clock. */
  _idleStart: number;
  /** Milliseconds. */
  readonly _idleTimeout: number;
  /** Null for one that fires once. */
  readonly _repeat: number | null;
};

/** Node's own record of all timers: a linked ring for each duration, by its milliseconds. */
type TimerLists = Record<string, TimerList>;

/** Timers of prefork itself. */
const own = new WeakSet<object>();
let lists: TimerLists | undefined;
let lookedUp = false;

/**
 * Finds Node's record of its timers; before the fork, once, and only when there are any. No interface gives it
 * away, so the debugger's view is used: setTimeout's closure knows insert, and insert's the record.
 */
export function findTimers(): void {
  if (lookedUp || !process.getActiveResourcesInfo().includes('Timeout')) return;
  if (findAllTimers()) return;
  const warning = "fork() cannot see this Node's timers: in its children, those of the parent go on as well";
  process.emitWarning(warning, { code: 'PREFORK_TIMERS' });
}

/** Does as findTimers(), also when no timer keeps the event loop alive. @returns whether the record is known */
export function findAllTimers(): boolean {
  if (!lookedUp) lists = lookUp();
  lookedUp = true;
  return lists !== undefined;
}

/** Clears, in the child, the timers that kept the parent's event loop alive: fork(2) hands down no timers either. */
export function clearTimers(): void {
  for (const timer of referencedTimers()) clearTimeout(timer);
}

/** A timer, and what it is to do. */
export interface KnownTimer {
  readonly callback: object;
  /** Milliseconds. */
  readonly duration: number;
  readonly repeats: boolean;
}

/**
 * An interval of prefork's, unref'ed; activeTimers() leaves it out, also where it is ref'ed later. The debugger could
 * tell whose it is as well, but walks through the whole heap for that.
 */
export function ownInterval(callback: () => void, milliseconds: number): NodeJS.Timeout {
  const timer = setInterval(callback, milliseconds).unref();
  own.add(timer);
  return timer;
}

/** The timers that keep the event loop alive, as far as findTimers has found Node's record, but for those of ownInterval(). */
export function activeTimers(): KnownTimer[] {
  const others = referencedTimers().filter((timer) => !own.has(timer));
  return others.map((timer) => ({
    callback: timer._onTimeout,
    duration: timer._idleTimeout,
    repeats: timer._repeat !== null,
  }));
}

function referencedTimers(): Timer[] {
  return allTimers().filter((timer) => timer.hasRef?.());
}

/** The present time by the clock of timers, in milliseconds. */
export function timersNow(): number {
  const sample = setTimeout(() => {}, 1) as Timer;
  clearTimeout(sample);
  return sample._idleStart;
}

/**
 * Has timers count from another time on, as far as Node's record is known; to be called before any of them can fire. Node
 * looks at each list when it was due before, and then puts it off by itself.
 * @param startOf gives a timer's new start, at most `now`, and keeps the order of the timers of one duration, but for
 * those that start now, which go behind the others
 */
export function moveTimers(startOf: (timer: MovableTimer) => number, now: number): void {
  for (const timer of allTimers()) {
    const start = startOf({ start: timer._idleStart, duration: timer._idleTimeout, repeats: timer._repeat !== null });
    // Node's own way to start anew puts it behind the others.
    if (start >= now) timer.refresh();
    else timer._idleStart = start;
  }
}

/**
 * Has Node forget the text of its Date header, as far as its record of timers is known. It keeps the text until a timer
 * ends that second; in a fork that timer stood still, and the text would be of the time before.
 */
export function forgetDate(): void {
  for (const { _onTimeout: callback } of allTimers()) if (forgetsDate(callback)) callback();
}

function forgetsDate(callback: object): callback is () => void {
  return (
    typeof callback === 'function' &&
    callback.name === 'resetCache' &&
    Function.prototype.toString.call(callback).includes('utcCache')
  );
}

/** A timer whose start may be moved. All times are milliseconds of timersNow(). */
export interface MovableTimer {
  readonly start: number;
  /** How long after its start it is due. */
  readonly duration: number;
  /** It is an interval. */
  readonly repeats: boolean;
}

/** All timers, those of each duration in the order in which they were set. */
function allTimers(): Timer[] {
  const timers: Timer[] = [];
  for (const list of Object.values(lists ?? {})) {
    for (let timer = list._idlePrev as Timer; timer !== (list as unknown); timer = timer._idlePrev as Timer) {
      timers.push(timer);
    }
  }
  return timers;
}

/** Undefined in a Node without an inspector or that forbids it, and with setTimeout replaced. */
function lookUp(): TimerLists | undefined {
  return look((view) => {
    const setTimeoutId = view.evaluate("process.getBuiltinModule('timers').setTimeout");
    const insertId = view.closureVariable(setTimeoutId, 'insert');
    return view.take(view.closureVariable(insertId, 'timerListMap')) as TimerLists | undefined;
  });
}
