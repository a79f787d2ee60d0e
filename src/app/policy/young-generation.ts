import { type NodeFlags, splitOptions } from '../../node/flags.js';

/** How the young generation may grow: V8's own factor, or not at all. */
export type GrowthFactor = 1 | 2;

/** Two halves of 1 MiB, of which V8 gives one back while it does not use it. */
const MIN_YOUNG_GENERATION = 2 * 2 ** 20;

/** The part of the main thread's processor time that its scavenges may take before the young generation may be larger. */
const MAX_SHARE = 0.05;

export interface YoungGeneration {
  /** Bytes of both halves, as far as they are there. */
  readonly size: number;
  /** How large it may be, in bytes; 0 for as large as V8 wants. */
  readonly allowed: number;
}

/** V8 doubles it once it has copied as much as it holds since the last time: it may as long as the double is allowed. */
export function growthFactor({ size, allowed }: YoungGeneration): GrowthFactor {
  return allowed === 0 || 2 * Math.max(size, MIN_YOUNG_GENERATION) <= allowed ? 2 : 1;
}

/**
 * How large the young generation may be from now on, in bytes. V8 lets it grow with all that was ever copied, which
 * comes to the maximum in each worker that lives long enough; here it grows where it saves processor time.
 * @param size in bytes, both halves
 * @param allowed how large it might be until now, in bytes; undefined at first
 * @param cap how large it may ever be, in bytes; 0 for as large as V8 wants
 * @param share the part of the main thread's processor time that scavenges took
 */
export function allowedSize({ size, allowed, cap, share }: AllowedSizeOptions): number {
  if (cap === 0) return 0;
  if (allowed === undefined) return Math.min(cap, MIN_YOUNG_GENERATION);
  const canGrow = growthFactor({ size, allowed }) > 1;
  return canGrow || share <= MAX_SHARE ? allowed : Math.min(cap, 2 * allowed);
}

interface AllowedSizeOptions {
  readonly size: number;
  readonly allowed: number | undefined;
  readonly cap: number;
  readonly share: number;
}

const YOUNG = /^--(min-semi-space-size|max-semi-space-size|semi-space-growth-factor|semi-space-size|minor-m[cs])(=|$)/;

/** Whether these flags say themselves how large the young generation is. */
export function setYoungGeneration({ argv, options }: NodeFlags): boolean {
  return [...splitOptions(options), ...argv].some((flag) => YOUNG.test(flag.replaceAll('_', '-')));
}
