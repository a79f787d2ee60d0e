import type { MovableTimer } from '../../node/timers.js';

/** The longest timer, in milliseconds, that belongs to what was going on when the process came to rest. */
const MAX_WAIT_MS = 60_000;

/**
 * From when on a timer counts in a process that was forked `now`, from one that has stood still since `rest`. A short
 * one, such as that of a connect, keeps its distance: it stood still, too. A longer one keeps its due time; only an
 * interval that is overdue goes on from now.
 */
export function timerStart({ start, duration, repeats }: MovableTimer, rest: number, now: number): number {
  if (duration <= MAX_WAIT_MS) return start + (now - rest);
  return repeats && start + duration <= now ? now : start;
}
