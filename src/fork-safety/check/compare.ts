import type { Drawn } from './messages.js';

export interface Comparison {
  /** The sources that both have drawn from. */
  readonly compared: readonly string[];
  /** What gave both the same value. */
  readonly same: readonly string[];
}

/** Compares what two siblings have drawn: no value of one may be the other's. */
export function compare(one: Drawn, other: Drawn): Comparison {
  const compared = Object.keys(one).filter((source) => Object.hasOwn(other, source));
  const same = compared.filter((source) => one[source]?.some((value) => other[source]?.includes(value)));
  return { compared, same };
}
