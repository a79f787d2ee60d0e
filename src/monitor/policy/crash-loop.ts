/** So many workers in a row that die at boot in one slot, or loads that fail, and the service may be beyond help. */
export const EARLY_ENDS = 5;
/**
 * For so long, in milliseconds, a service that has served tries on: what it lacks, such as a database or descriptors, may
 * come back. One that has never served ends at once, for somebody waits to see whether it starts.
 */
export const TRIES_ON = 60_000;

/** Failures of one kind, without a success between them. */
export interface Failures {
  readonly count: number;
  /** When the first of them was; milliseconds of any steady clock. */
  readonly since: number;
}

export interface HowItServes {
  /** All workers have been there once. */
  readonly hasServed: boolean;
  /** Some worker serves now. */
  readonly serves: boolean;
}

/** Whether the service is to end, since nothing but failures can be expected. */
export function isHopeless({ count, since }: Failures, { hasServed, serves }: HowItServes, now: number): boolean {
  return !serves && count >= EARLY_ENDS && (!hasServed || now - since >= TRIES_ON);
}
