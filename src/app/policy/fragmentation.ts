import type { OldGeneration } from '../../node/old-generation.js';

/**
 * V8 compacts smaller heaps by itself, since it may move 12 MiB of objects at each collection. What it leaves free there
 * is not worth a later start.
 */
const MIN_USED_BYTES = 6 * 2 ** 20;
/**
 * A dense heap has up to 1.1 % free, in its last pages. Where each 20th object is garbage it is 3.7 %, and a worker's
 * first full collection writes to two thirds of all pages.
 */
const MIN_FREE_SHARE = 0.02;

/** Whether it pays to compact this heap, which takes 3 to 4 ms of processor time for each MiB that is used. */
export function isFragmented({ used, free }: Pick<OldGeneration, 'used' | 'free'>): boolean {
  return used >= MIN_USED_BYTES && free >= used * MIN_FREE_SHARE;
}
