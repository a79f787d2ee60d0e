import { DebuggersView } from './debuggers-view.js';

interface TimerList {
  _idleNext: NodeJS.Timeout | TimerList;
}
type Timer = NodeJS.Timeout & { _idleNext: NodeJS.Timeout | TimerList };

/** Node's own record of all timers: a ring of them for each duration, by milliseconds. */
type TimerLists = Record<string, TimerList>;

let lists: TimerLists | undefined;
let lookedUp = false;

/**
 * Finds Node's record of its timers; before the fork, once, and only when there are any. No interface gives it
 * away, so the debugger's view is used: setTimeout's closure knows insert, and insert's the record.
 */
export function findTimers(): void {
  if (lookedUp || !process.getActiveResourcesInfo().includes('Timeout')) return;
  lookedUp = true;
  lists = lookUp();
  if (lists !== undefined) return;
  const warning = "fork() cannot see this Node's timers: in its children, those of the parent go on as well";
  process.emitWarning(warning, { code: 'PREFORK_TIMERS' });
}

/** Clears, in the child, the timers that kept the parent's event loop alive: fork(2) hands down no timers either. */
export function clearTimers(): void {
  for (const timer of activeTimers()) clearTimeout(timer);
}

/** The timers that keep the event loop alive, as far as findTimers has found Node's record. */
export function activeTimers(): NodeJS.Timeout[] {
  const timers: NodeJS.Timeout[] = [];
  for (const list of Object.values(lists ?? {})) {
    for (let timer = list._idleNext as Timer; timer !== (list as unknown); timer = timer._idleNext as Timer) {
      if (timer.hasRef?.()) timers.push(timer);
    }
  }
  return timers;
}

/** Undefined in a Node without an inspector or that forbids it, and with setTimeout replaced. */
function lookUp(): TimerLists | undefined {
  let view: DebuggersView | undefined;
  try {
    view = new DebuggersView();
    const setTimeoutId = view.evaluate("process.getBuiltinModule('timers').setTimeout");
    const insertId = view.closureVariable(setTimeoutId, 'insert');
    return view.take(view.closureVariable(insertId, 'timerListMap')) as TimerLists | undefined;
  } catch {
    return undefined;
  } finally {
    view?.close();
  }
}
