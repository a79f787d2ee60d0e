import { getHeapCodeStatistics } from 'node:v8';
import { collectTwice, keepingCode } from '../node/garbage.js';
import { fillHoles } from '../node/holes.js';
import { hashStrings, memoryPressureNotification, trimMalloc } from '../posix/index.js';
import { othersRest } from '../proc/threads.js';

/**
 * Collects all garbage, so that what lives is in the old generation, in pages that the workers then share, where their
 * own collections would otherwise move it about. Loading makes the young generation large, and each worker would write
 * to all of it: it is small afterwards.
 */
export function collectGarbage(): void {
  // Each worker would compile it anew, for itself.
  keepingCode(() => {
    if (!memoryPressureNotification()) collectTwice();
  });
}

/** How long other threads may take until they rest, in milliseconds: what they free is not to be touched meanwhile. */
const REST_TIMEOUT_MS = 200;

/**
 * Does what each worker would otherwise do for itself, in pages that are shared, last of all before the fork: ends what
 * is left of collections, since where threads and the first allocations sweep the pages, the free memory of all of them
 * is linked anew; fills the holes, which new objects would go to; and hashes strings. Then the C library's free memory
 * goes back.
 */
export function settleMemory(): void {
  getHeapCodeStatistics(); // It goes through all pages, and has them swept first.
  fillHoles();
  if (othersRest(REST_TIMEOUT_MS)) hashStrings();
  trimMalloc();
}
