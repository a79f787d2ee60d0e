import { executionAsyncResource } from 'node:async_hooks';
import { runInNewContext } from 'node:vm';
import { setFlagsFromString, withFlags } from './v8-flags.js';

const kept: object[] = [];

/**
 * Keeps one of the objects of process.nextTick (internal/process/task_queues), and with it the map that they share.
 * Collections at rest find none of them; then the map goes, and nextTick with a new one stays slow for good: its
 * literal's site has seen two maps.
 * @returns that object, which Node has as the resource of the callback that runs
 */
export async function keepTickMap(): Promise<object> {
  const resource = await new Promise<object>((resolve) => {
    process.nextTick(() => resolve(executionAsyncResource()));
  });
  kept.push(resource);
  return resource;
}

/**
 * Collects while compiled code that has not run lately is kept, and without beginning to mark for a collection that
 * comes later. Then the flags are as before: V8 refuses cached code that was compiled under other flags.
 */
export function keepingCode<T>(collect: () => T): T {
  return withFlags({ 'flush-bytecode': false, 'incremental-marking': false }, collect);
}

/** Collects while all objects in pages that hold several move to new ones, side by side: those they leave are given back. */
export function compacting<T>(collect: () => T): T {
  return withFlags({ 'compact-on-every-full-gc': true }, collect);
}

/** Two full collections: what survives both is in the old generation. */
export function collectTwice(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  collect();
  collect();
}

/** Sets how many times as large V8 may make its young generation at once: it reads that each time, unlike the maximum. */
export function setYoungGrowth(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}
