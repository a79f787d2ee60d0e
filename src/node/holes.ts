import { runInNewContext } from 'node:vm';
import { oldGeneration } from './old-generation.js';
import { setFlagsFromString } from './v8-flags.js';

/** Bytes of the smallest object that V8's list of free memory has room for. */
const MIN_OBJECT_BYTES = 24;
/** How much more memory V8 may have taken in the end: it adds pages of 256 KiB where a hole is too small. */
const MAX_GROWTH_BYTES = 2 * 2 ** 20;
/** Part of the free memory that is filled at a time: how much that takes is seen only then. */
const STEP = 1 / 4;
const MAX_STEPS = 100;

type Fill = (size: number, count: number) => void;

/**
 * Fills the free memory within the old generation's pages with nothing, so that what is allocated from here on comes
 * into pages of its own, side by side. In a hole a small object makes the whole page, and the header of 256 KiB, a
 * worker's own. The next full collection has the holes back. It takes some milliseconds.
 */
export function fillHoles(): void {
  const fill = filler();
  if (fill === undefined) return;
  const { size: before } = oldGeneration();
  for (let step = 0; step < MAX_STEPS; step++) {
    const { free, size } = oldGeneration();
    if (free < MIN_OBJECT_BYTES || size - before > MAX_GROWTH_BYTES) return;
    fill(MIN_OBJECT_BYTES, Math.ceil((free / MIN_OBJECT_BYTES) * STEP));
  }
}

/** @returns undefined where this Node's V8 has no such function */
function filler(): Fill | undefined {
  setFlagsFromString('--allow-natives-syntax');
  try {
    const fill: Fill = runInNewContext('(size, count) => { while (count-- > 0) %AllocateInOldGeneration(size, 0); }');
    fill(MIN_OBJECT_BYTES, 1); // It is compiled now, and only now could be.
    return fill;
  } catch {
    return undefined;
  } finally {
    setFlagsFromString('--no-allow-natives-syntax');
  }
}
