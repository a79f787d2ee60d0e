/** What is known of a timer; all times are milliseconds of one clock. */
export interface TimerFacts {
  readonly start: number;
  /** How long after its start it is due. */
  readonly duration: number;
  /** An interval. */
  readonly repeats: boolean;
}

/** A timer of at most so many milliseconds belongs to what was going on when the process came to rest. */
const MAX_WAIT_MS = 60_000;

/**
 * From when on a timer counts in a process that was forked `now`, from one that has stood still since `rest`. A short
 * one, such as that of a connect, keeps its distance: it stood still, too. A longer one keeps its due time; only an
 * interval that is overdue goes on from now.
 */
export function timerStart({ start, duration, repeats }: TimerFacts, rest: number, now: number): number {
  if (duration <= MAX_WAIT_MS) return start + (now - rest);
  return repeats && start + duration <= now ? now : start;
}
