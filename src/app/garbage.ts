import { AsyncResource } from 'node:async_hooks';
import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fillHoles } from '../node/holes.js';
import { hashStrings, lowMemoryNotification, trimMalloc } from '../posix/index.js';
import { othersRest } from '../proc/threads.js';

const kept: object[] = [];

/**
 * Collects all garbage, so that what lives is in the old generation, in pages that the workers then share, where their
 * own collections would otherwise move it about. Loading makes the young generation large, and each worker would write
 * to all of it: it is small afterwards.
 */
export function collectGarbage(): void {
  keepTickMap();
  // Compiled code that has not run lately is kept: each worker would compile it anew, for itself. Then the flag is
  // as before: V8 refuses cached code that was compiled under other flags.
  const keep = !process.execArgv.includes('--no-flush-bytecode');
  if (keep) setFlagsFromString('--no-flush-bytecode');
  if (!lowMemoryNotification()) collectTwice();
  if (keep) setFlagsFromString('--flush-bytecode');
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

function collectTwice(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  collect();
  collect();
}

/**
 * Keeps an object that shares V8's map with those of process.nextTick (internal/process/task_queues). Collections at
 * rest, which follow these within seconds, find none of them; then the map goes, and nextTick with a new one stays
 * slow for good: its literal's site has seen two maps.
 */
function keepTickMap(): void {
  const [asyncId, triggerAsyncId] = Object.getOwnPropertySymbols(new AsyncResource('PREFORK')) as [symbol, symbol];
  // Small integers, which fit each representation that the fields have by now: another one would make a new map.
  kept.push({ [asyncId]: 0, [triggerAsyncId]: 0, callback: keepTickMap, args: undefined });
}
