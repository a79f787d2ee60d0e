import { type NodeFlags, splitOptions } from '../../node/flags.js';

/** Two halves of 1 MiB, in bytes: what V8 begins with. */
const MIN_YOUNG_GENERATION = 2 * 2 ** 20;

/** The part of the main thread's processor time that its scavenges may take before the young generation may be larger. */
const MAX_SHARE = 0.05;

/** How large the young generation may be at first, in bytes. @param cap how large it may ever be, in bytes */
export function firstSize(cap: number): number {
  return Math.min(cap, MIN_YOUNG_GENERATION);
}

/**
 * How large the young generation may be from now on, in bytes, once it has come to the size that it might have so far.
 * V8 lets it grow with all that was ever copied, which comes to the maximum in each worker that lives long enough; here
 * it grows where it saves processor time.
 * @param allowed how large it might be until now, in bytes
 * @param cap how large it may ever be, in bytes
 * @param share the part of the main thread's processor time that scavenges took
 */
export function nextSize(allowed: number, cap: number, share: number): number {
  return share > MAX_SHARE ? Math.min(cap, 2 * allowed) : allowed;
}

const YOUNG = /^--(min-semi-space-size|max-semi-space-size|semi-space-growth-factor|semi-space-size|minor-m[cs])(=|$)/;

/** Whether these flags say themselves how large the young generation is. */
export function setsYoungGeneration({ argv, options }: NodeFlags): boolean {
  return [...splitOptions(options), ...argv].some((flag) => YOUNG.test(flag.replaceAll('_', '-')));
}
