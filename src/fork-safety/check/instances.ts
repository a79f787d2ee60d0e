import { createRequire } from 'node:module';
import { objectsWith } from '../../node/inspector-session.js';
import type { Diagnostic } from '../diagnostic.js';

/** A class of a package, whose objects are looked for in memory. */
interface KnownClass<T> {
  readonly name: string;
  /** The file that exports it. */
  readonly file: RegExp;
  /** Its name among the exports; the exports themselves by default. */
  readonly exported?: string;
  /** What matters of an object, undefined where it is not what was looked for. */
  readonly look: (object: Loose) => T | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: objects of packages that this one does not depend on.
type Loose = any;

/** Pools of connections, by how many each may open. */
const POOLS: readonly KnownClass<number>[] = [
  { name: 'pg', file: /\/pg-pool\/index\.js$/, look: (pool) => pool.options?.max },
  { name: 'mysql2', file: /\/mysql2\/lib\/base\/pool\.js$/, look: (pool) => pool.config?.connectionLimit },
  { name: 'tarn (knex, mssql)', file: /\/tarn\/dist\/Pool\.js$/, exported: 'Pool', look: (pool) => pool.max },
  { name: 'sequelize', file: /\/sequelize-pool\/lib\/Pool\.js$/, exported: 'Pool', look: (pool) => pool.maxSize },
  {
    name: 'mongodb',
    file: /\/mongodb\/lib\/mongo_client\.js$/,
    exported: 'MongoClient',
    look: (client) => client.options?.maxPoolSize,
  },
];

/** socket.io's servers, by how clients reach them. */
const ENGINE: KnownClass<readonly string[]> = {
  name: 'socket.io',
  file: /\/engine\.io\/build\/server\.js$/,
  exported: 'Server',
  look: (server) => server.opts?.transports,
};

/** What is told of objects of known packages: their pools, and servers whose clients must meet the same worker again. */
export function knownInstances(): Diagnostic[] {
  return [...POOLS.flatMap(poolsOf), ...pollingServers()];
}

function poolsOf(known: KnownClass<number>): Diagnostic[] {
  const sizes = instances(known).filter((size) => size > 0);
  if (sizes.length === 0) return [];
  const most = sizes.reduce((sum, size) => sum + size, 0);
  const pools = sizes.length === 1 ? 'a pool' : `${sizes.length} pools`;
  return [
    {
      kind: 'package',
      severity: 'note',
      message: `${pools} of ${known.name}: up to ${most} connections in every worker, and twice as many during a reload`,
      remedy: 'let all workers together stay below what the database allows',
    },
  ];
}

function pollingServers(): Diagnostic[] {
  const isPolled = instances(ENGINE).some((transports) => transports.includes('polling'));
  if (!isPolled) return [];
  return [
    {
      kind: 'package',
      severity: 'warning',
      message: `a server of ${ENGINE.name} may be polled: each request of a client may reach another worker`,
      remedy: "have server and clients use transports: ['websocket'] only: a connection stays with its worker",
    },
  ];
}

function instances<T>({ file, exported, look }: KnownClass<T>): T[] {
  const modules = Object.entries(createRequire(import.meta.url).cache).filter(([path]) => file.test(path));
  const classes = modules.map(([, module]) => (exported ? module?.exports?.[exported] : module?.exports));
  const found = new Set(
    classes.filter((each) => typeof each === 'function').flatMap(({ prototype }) => objectsWith(prototype)),
  );
  return [...found].flatMap((object) => look(object) ?? []) as T[];
}
