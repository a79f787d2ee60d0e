export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The spread of numbers in any order; null where there is none. */
export function spreadOf(numbers: readonly number[]): Spread | null {
  const sorted = numbers.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  return min === undefined || max === undefined ? null : { median: middle(sorted), min, max };
}

/** The median: of an even number of them, the mean of the middle two; NaN where there is none. */
export function median(numbers: readonly number[]): number {
  return spreadOf(numbers)?.median ?? Number.NaN;
}

/** The value that such a part of all do not exceed. @param sorted ascending @returns null of none */
export function percentile(sorted: ArrayLike<number>, part: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? null;
}

function middle(sorted: readonly number[]): number {
  const at = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(at)] ?? 0) + (sorted[Math.ceil(at)] ?? 0)) / 2;
}
