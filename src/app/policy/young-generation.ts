import { type NodeFlags, splitOptions } from '../../node/flags.js';

/** How the young generation may grow: V8's own factor, or not at all. */
export type GrowthFactor = 1 | 2;

/** Two halves of 1 MiB, of which V8 gives one back while it does not use it. */
const SMALLEST = 2 * 2 ** 20;

/**
 * V8 doubles it when it has copied as much as it holds: it may as long as the double is within the cap.
 * @param size of both halves, in bytes, as far as they are there
 * @param cap in bytes; 0 for none
 */
export function growthFactor({ size, cap }: { readonly size: number; readonly cap: number }): GrowthFactor {
  return cap === 0 || 2 * Math.max(size, SMALLEST) <= cap ? 2 : 1;
}

const YOUNG = /^--(min-semi-space-size|max-semi-space-size|semi-space-growth-factor|semi-space-size|minor-m[cs])(=|$)/;

/** Whether these flags say themselves how large the young generation is. */
export function setYoungGeneration({ argv, options }: NodeFlags): boolean {
  return [...splitOptions(options), ...argv].some((flag) => YOUNG.test(flag.replaceAll('_', '-')));
}
