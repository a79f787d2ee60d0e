import crypto, { type BinaryLike, createHash } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { callerPlace } from '../util/call-site.js';

/** What may be a pool, in bytes: more than any key or id has, and not a file's worth. */
const MIN_POOL_BYTES = 256;
const MAX_POOL_BYTES = 65536;

type Filled = NodeJS.ArrayBufferView & BinaryLike;

interface Pool {
  readonly bytes: WeakRef<Filled>;
  readonly place: string | undefined;
  /** Digest of its content right after it was filled: what has changed since is more than random bytes. */
  digest: string;
}

export interface RandomPool {
  readonly bytes: NodeJS.ArrayBufferView;
  /** Where the app's code filled it first. */
  readonly place: string | undefined;
}

const { randomFillSync } = crypto;
const known = new WeakMap<Filled, Pool>();
const pools = new Set<Pool>();
let watching = false;

/**
 * Remembers, from now on, the arrays that the app has filled with random bytes to take ids from: nanoid and uuid keep
 * such pools. Results of randomBytes are values, and none of them.
 */
export function watchRandomPools(): void {
  watching = true;
  const { randomFill } = crypto;
  const webcrypto = Object.getPrototypeOf(crypto.webcrypto) as crypto.webcrypto.Crypto;
  const getRandomValues = webcrypto.getRandomValues as (bytes: unknown) => unknown;
  Object.assign(crypto, {
    randomFillSync: function filling(this: unknown, ...args: Parameters<typeof randomFillSync>) {
      const result = randomFillSync.apply(this, args);
      if (watching && args.length === 1) remember(args[0], filling);
      return result;
    },
    randomFill: function filling(this: unknown, ...args: unknown[]) {
      if (watching && args.length === 2) args[1] = rememberingLater(args, filling);
      return Reflect.apply(randomFill, this, args);
    },
  });
  Object.assign(webcrypto, {
    getRandomValues: function filling(this: unknown, bytes: unknown) {
      const result = getRandomValues.call(this, bytes);
      if (watching) remember(bytes, filling);
      return result;
    },
  });
  syncBuiltinESMExports();
}

/** The pools that a fork would copy just now. */
export function randomPools(): RandomPool[] {
  return [...untouched()].map(([bytes, { place }]) => ({ bytes, place }));
}

/** Fills the pools anew, in a worker, so that siblings do not hand out the same ids; and remembers no more of them. */
export function refillRandomPools(): void {
  watching = false;
  for (const [bytes] of untouched()) randomFillSync(bytes);
  pools.clear();
}

function rememberingLater([bytes, callback]: unknown[], above: (...args: never[]) => unknown): unknown {
  if (typeof callback !== 'function') return callback;
  const place = callerPlace(above);
  return function (this: unknown, ...results: unknown[]) {
    if (results[0] == null) remember(bytes, above, place);
    return Reflect.apply(callback, this, results);
  };
}

function remember(bytes: unknown, above: (...args: never[]) => unknown, place?: string): void {
  if (!isPool(bytes)) return;
  const pool = known.get(bytes);
  if (pool !== undefined) {
    pool.digest = digestOf(bytes);
    return;
  }
  const fresh = { bytes: new WeakRef(bytes), place: place ?? callerPlace(above), digest: digestOf(bytes) };
  known.set(bytes, fresh);
  pools.add(fresh);
}

function isPool(bytes: unknown): bytes is Filled {
  return ArrayBuffer.isView(bytes) && bytes.byteLength >= MIN_POOL_BYTES && bytes.byteLength <= MAX_POOL_BYTES;
}

function* untouched(): Iterable<[Filled, Pool]> {
  for (const pool of pools) {
    const bytes = pool.bytes.deref();
    if (bytes === undefined) pools.delete(pool);
    else if (digestOf(bytes) === pool.digest) yield [bytes, pool];
  }
}

function digestOf(bytes: Filled): string {
  return createHash('sha256').update(bytes).digest('base64');
}
