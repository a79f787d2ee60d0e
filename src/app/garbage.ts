import { AsyncResource } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const kept: object[] = [];

/**
 * Collects all garbage, twice, so that what lives is in the old generation: pages that the workers then share, where
 * their own collections would otherwise move it about.
 */
export function collectGarbage(): void {
  keepTickMap();
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
