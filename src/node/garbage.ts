import { AsyncResource } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const kept: object[] = [];

/**
 * Keeps an object that shares V8's map with those of process.nextTick (internal/process/task_queues). Collections at
 * rest, which follow these within seconds, find none of them; then the map goes, and nextTick with a new one stays
 * slow for good: its literal's site has seen two maps.
 */
export function keepTickMap(): void {
  const [asyncId, triggerAsyncId] = Object.getOwnPropertySymbols(new AsyncResource('PREFORK')) as [symbol, symbol];
  // Small integers, which fit each representation that the fields have by now: another one would make a new map.
  kept.push({ [asyncId]: 0, [triggerAsyncId]: 0, callback: keepTickMap, args: undefined });
}

/**
 * Collects while compiled code that has not run lately is kept. Then the flag is as before: V8 refuses cached code that
 * was compiled under other flags.
 */
export function keepingCode(collect: () => void): void {
  const keep = !process.execArgv.includes('--no-flush-bytecode');
  if (keep) setFlagsFromString('--no-flush-bytecode');
  collect();
  if (keep) setFlagsFromString('--flush-bytecode');
}

/** Two full collections: what survives both is in the old generation. */
export function collectTwice(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  collect();
  collect();
}

/** How many times as large V8 may make its young generation at once: it reads that each time, unlike the maximum. */
export function setYoungGrowth(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}
