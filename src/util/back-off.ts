export interface BackOff {
  /** How long to wait after the first failure, in milliseconds. */
  readonly first: number;
  /** The longest wait, in milliseconds. */
  readonly longest: number;
}

const DEFAULT: BackOff = { first: 100, longest: 5000 };

/** How long to wait, in milliseconds, after so many failures in a row: nothing after none, then twice as long each time. */
export function backOff(times: number, { first, longest } = DEFAULT): number {
  return times <= 0 ? 0 : Math.min(first * 2 ** (times - 1), longest);
}
