import type { Compaction } from '../channel/messages.js';
import { collectTwice, compacting, keepingCode } from '../node/garbage.js';
import { fillHoles } from '../node/holes.js';
import { endSweep, oldGeneration } from '../node/old-generation.js';
import { hashStrings, memoryPressureNotification, trimMalloc } from '../posix/index.js';
import { othersRest } from '../proc/threads.js';
import { isFragmented } from './policy/fragmentation.js';

/**
 * Collects all garbage, so that what lives is in the old generation. Before a fork: in pages that the workers then share,
 * where their own collections would otherwise move it about. Loading makes the young generation large, and each worker
 * would write to all of it: it is small afterwards. Compiled code stays; each worker would compile it anew, for itself.
 */
export function collectGarbage(): void {
  keepingCode(() => {
    if (!memoryPressureNotification()) collectTwice();
  });
}

/**
 * Moves objects side by side where free memory lies between many. A worker's first full collection writes to each page
 * that has some, to enter it into V8's lists. Memory pressure alone has V8 move no more than 12 MiB of objects at a time.
 * To be called after collectGarbage(), and not in a worker: it would have a copy of all that it shares.
 * @returns what it has come to; undefined where the heap was dense
 */
export function compactFragmented(): Compaction | undefined {
  endSweep();
  const before = oldGeneration();
  if (!isFragmented(before)) return undefined;
  const start = performance.now();
  const known = keepingCode(() => compacting(memoryPressureNotification));
  if (!known) return undefined;
  endSweep();
  return { before: before.size, after: oldGeneration().size, milliseconds: performance.now() - start };
}

/** How long other threads may take until they rest, in milliseconds: what they free is not to be touched meanwhile. */
const REST_TIMEOUT_MS = 200;

/**
 * Writes, as the last step before the fork, what each worker would otherwise write to shared pages, and so copy. It ends
 * the sweeping of the last collection, which links the free memory of each page anew; it fills the holes between objects,
 * where new objects would go; and it computes the hashes of strings. Then it gives the C library's free memory back to
 * the kernel.
 */
export function makeMemoryShareable(): void {
  endSweep();
  fillHoles();
  if (othersRest(REST_TIMEOUT_MS)) hashStrings();
  trimMalloc();
}
