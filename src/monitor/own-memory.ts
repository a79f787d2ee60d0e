import { setYoungGrowth } from '../node/garbage.js';
import { lowMemoryNotification, trimMalloc } from '../posix/index.js';

/**
 * Makes the monitor's own memory small, once it has done what it has to do at its start: it then allocates little. It
 * blocks for some 20 ms.
 */
export function makeSmall(): void {
  lowMemoryNotification();
  // The young generation stays as small as that has made it.
  setYoungGrowth(1);
  trimMalloc();
}
