import * as crypto from 'node:crypto';
import { createRequire } from 'node:module';
import type { RandomPool } from '../../node/random-pools.js';
import { getpid } from '../../posix/index.js';
import { openSockets } from '../descriptors.js';
import type { Drawn } from './messages.js';

type Draw = () => unknown;

const BUILT_IN: Readonly<Record<string, Draw>> = {
  'Math.random': () => Math.random(),
  'crypto.randomUUID': () => crypto.randomUUID(),
  'crypto.randomInt': () => crypto.randomInt(2 ** 47),
  'crypto.randomBytes': () => crypto.randomBytes(8).toString('hex'),
  'crypto.getRandomValues': () => crypto.getRandomValues(new Uint32Array(2)).join(),
};

/** By a package's name: what ids are drawn by from its exports. */
const PACKAGES: Readonly<Record<string, Readonly<Record<string, (exports: Exports) => unknown>>>> = {
  nanoid: { nanoid: ({ nanoid }) => nanoid?.() },
  uuid: {
    v4: ({ v4 }) => v4?.(),
    // The rest of it is the time: with the same node and clock sequence, two at one moment are the same.
    'v1 (node and clock sequence)': ({ v1 }) => v1?.().slice(19),
  },
};

type Exports = Readonly<Record<string, (() => string) | undefined>>;

/**
 * Draws from every source that siblings must not share.
 * @param pools as they were before the fork
 * @param ignored descriptors of sockets that are the runtime's own
 */
export function draw(pools: readonly RandomPool[], ignored: readonly number[]): Drawn {
  const sockets = openSockets().filter(({ fd, peer }) => peer !== undefined && !ignored.includes(fd));
  return {
    'process.pid': [process.pid === getpid() ? `${process.pid}` : 'not its own'],
    'connected sockets': sockets.map(({ inode }) => inode),
    ...twice(BUILT_IN),
    ...Object.fromEntries(pools.map(({ bytes, place }) => [`the random pool of ${place}`, [digest(bytes)]])),
    ...twice(loadedPackages()),
  };
}

function twice(sources: Readonly<Record<string, Draw>>): Drawn {
  const drawn = Object.entries(sources).map(([name, source]) => [name, [source(), source()].map(String)]);
  return Object.fromEntries(drawn);
}

/** The known packages among the CommonJS modules; those of ESM show by their pools. */
function loadedPackages(): Record<string, Draw> {
  const draws: Record<string, Draw> = {};
  for (const [path, module] of Object.entries(createRequire(import.meta.url).cache)) {
    const name = /.*\/node_modules\/([^/]+)\//.exec(path)?.[1] ?? '';
    for (const [what, source] of Object.entries(PACKAGES[name] ?? {})) {
      const exports = module?.exports as Exports;
      if (exports?.[what.split(' ')[0] as string]) draws[`${name}.${what}, of ${path}`] = () => source(exports);
    }
  }
  return draws;
}

function digest(bytes: NodeJS.ArrayBufferView): string {
  return crypto.createHash('sha256').update(bytes).digest('base64');
}
