import { AsyncResource } from 'node:async_hooks';
import { randomInt, randomUUID } from 'node:crypto';

/** The functions of the addon that are used here. */
interface Addon {
  getpid(): number;
  /** @returns false where this engine's generator is not as expected */
  reseedMathRandom(random: () => number): boolean;
}

/**
 * Makes this thread of the child one of a process of its own: its process id, and other random numbers than its parent
 * and siblings, whose state it has copied. Node has read process.pid at its start; process.ppid and process.title are
 * read when they are asked for.
 *
 * Workers are given its source text, so it uses nothing of this module.
 * @param cachesAreEmpty nothing is left in them, by emptyRandomCaches()
 */
export function renewThread(binding: Addon, cachesAreEmpty = false): void {
  // Node draws random bytes for this many calls at once (internal/crypto/random).
  const UUIDS_AT_ONCE = 128;
  const INTS_AT_ONCE = 1024;

  // sfc32, for an engine whose own generator was not found: code that has kept the old function is not helped.
  function seededRandom(): () => number {
    const seed = crypto.randomBytes(16);
    let a = seed.readInt32LE(0);
    let b = seed.readInt32LE(4);
    let c = seed.readInt32LE(8);
    let counter = seed.readInt32LE(12);
    return function random() {
      const sum = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + sum) | 0;
      return (sum >>> 0) / 4294967296;
    };
  }

  Object.defineProperty(process, 'pid', {
    value: binding.getpid(),
    enumerable: true,
    configurable: true,
    writable: false,
  });
  const crypto = process.getBuiltinModule('crypto');
  if (!binding.reseedMathRandom(Math.random)) Math.random = seededRandom();
  if (cachesAreEmpty) return;
  for (let i = 0; i < UUIDS_AT_ONCE; i++) crypto.randomUUID();
  for (let i = 0; i < INTS_AT_ONCE; i++) crypto.randomInt(2);
}

/**
 * Uses up the random bytes that Node keeps for randomUUID() and randomInt(): the next call of each draws new ones, which
 * forks then do for themselves.
 * @returns false where that cannot be seen
 */
export function emptyRandomCaches(): boolean {
  return useUp(randomUUID, 128) && useUp(() => randomInt(2), 1024);
}

/**
 * Node numbers all asynchronous resources, and up to Node 26.10 it has one for each draw, also where that is synchronous.
 * @param callsPerDraw for how many calls Node draws bytes at once
 */
function useUp(call: () => unknown, callsPerDraw: number): boolean {
  let number = resourceNumber();
  const draws = (calls: number) => {
    for (let i = 0; i < calls; i++) call();
    const before = number;
    number = resourceNumber();
    return number !== before + 1;
  };
  for (let calls = 1; !draws(1); calls++) if (calls === callsPerDraw) return false;
  return !draws(callsPerDraw - 1);
}

function resourceNumber(): number {
  return new AsyncResource('PREFORK_COUNT', { requireManualDestroy: true }).emitDestroy().asyncId();
}

/**
 * renewThread() for a copied Worker, as the text that it runs before anything else; then it runs the functions that it has
 * under a key of the global symbol registry.
 */
export function renewWorkerScript(addon: string, key: string): string {
  return `try {
    const addon = { exports: {} };
    process.dlopen(addon, ${JSON.stringify(addon)});
    (${renewThread})(addon.exports);
    for (const run of globalThis[Symbol.for(${JSON.stringify(key)})] ?? []) run();
  } catch (error) {
    globalThis.process?._rawDebug?.('prefork: a Worker goes on with the id and the random numbers of another process:', error);
  }`;
}
