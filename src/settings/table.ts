import { availableParallelism } from 'node:os';
import {
  address,
  choice,
  duration,
  holdTargets,
  integer,
  type Kind,
  list,
  octalMode,
  owner,
  percentage,
  rlimit,
  size,
  text,
  toggle,
} from './kinds.js';
import type { Name, Named } from './settings.js';

/** One setting: all that flags, environment, config file, library and help know about it. */
export interface Row<T> {
  readonly kind: Kind<T>;
  readonly default: T;
  readonly help: string;
  /** What the help says of the default where its value does not. */
  readonly byDefault?: string;
  readonly short?: string;
  /** By default made of the name: maxMemory is --max-memory. */
  readonly flag?: string;
  /** The flag says the contrary: --no-preload. */
  readonly inverted?: boolean;
  /** It is the monitor's, or that of the sockets which the monitor keeps open: a reload does not change it. */
  readonly fixed?: true;
}

/** How many records the scoreboard has for each worker and its successor to have one. */
const MAX_WORKERS = 512;
const MANY = 1_000_000_000;

export const TABLE: { readonly [N in Name]: Row<Named[N]> } = {
  workers: {
    kind: integer(1, MAX_WORKERS),
    default: Math.min(availableParallelism(), MAX_WORKERS),
    byDefault: 'one for each processor',
    short: 'w',
    help: 'how many workers to fork',
  },
  listen: {
    kind: list(address),
    default: [],
    byDefault: "the app's",
    fixed: true,
    help: "where to listen instead of where the app's first server would",
  },
  allowListen: {
    kind: list(address),
    default: [],
    byDefault: 'where its user may',
    fixed: true,
    help: "where the app may listen with root's rights, once it is another user",
  },
  socketMode: {
    kind: octalMode,
    default: undefined,
    byDefault: "by the app's umask",
    help: 'the permissions of unix sockets, such as 660',
  },
  socketOwner: {
    kind: owner,
    default: undefined,
    help: 'whom unix sockets belong to, by names or numbers',
  },
  preload: {
    kind: toggle,
    default: true,
    flag: 'no-preload',
    inverted: true,
    help: 'fork first, and load the app in each worker',
  },
  preloadModules: {
    kind: list(text('module')),
    default: [],
    flag: 'preload',
    help: 'a module to load before all else',
  },
  warmUp: {
    kind: text('script'),
    default: undefined,
    help: 'a script that asks the app before the fork what clients will',
  },
  concurrency: {
    kind: integer(0, MANY),
    default: 0,
    byDefault: 'as many as come',
    help: 'how many connections one worker has at a time',
  },
  clientTimeout: {
    kind: duration({ zero: true }),
    default: undefined,
    byDefault: '5s with --concurrency, otherwise for ever',
    help: "how long a client may take for its first byte, TLS and its first request's header",
  },
  deferAccept: {
    kind: toggle,
    default: false,
    help: 'have the kernel keep connections to HTTP servers until something is sent',
  },
  backlog: {
    kind: integer(1, 65535),
    default: undefined,
    byDefault: "the app's",
    fixed: true,
    help: 'how many connections may wait in the kernel',
  },
  spawnTimeout: { kind: duration({ zero: false }), default: 30_000, help: 'how long the app may take to load' },
  bootTimeout: { kind: duration({ zero: false }), default: 30_000, help: 'how long a worker may take to listen' },
  grace: { kind: duration({ zero: true }), default: 30_000, help: 'how long a worker that leaves may take' },
  streamGrace: {
    kind: duration({ zero: true }),
    default: 5000,
    help: 'how long WebSockets and event streams may go on when the server stops',
  },
  stuckTimeout: {
    kind: duration({ zero: true }),
    default: 60_000,
    help: "how long a worker's event loop may stand still; 0 for ever",
  },
  maxRequests: {
    kind: integer(0, MANY),
    default: 0,
    byDefault: 'never',
    help: 'replace a worker after so many requests',
  },
  maxMemory: { kind: size, default: 0, byDefault: 'never', help: 'replace a worker that holds so much' },
  maxMemoryKind: {
    kind: choice('pss', 'rss'),
    default: 'pss',
    help: 'what it holds: shared pages in proportion, or in full',
  },
  maxYoungGeneration: {
    kind: size,
    default: 8 * 2 ** 20,
    byDefault: '8M',
    help: "how large V8's young generation may grow in a busy worker; 0 for as large as V8 wants",
  },
  renewMemory: {
    kind: size,
    default: 0,
    byDefault: 'never',
    help: 'replace an idle worker that has so much for itself, shared with no other',
  },
  renewInterval: {
    kind: duration({ zero: false }),
    default: 60_000,
    help: 'how long it is to have served before --renew-memory replaces it',
  },
  maxLifetime: {
    kind: duration({ zero: true }),
    default: 0,
    byDefault: 'never',
    help: 'replace a worker of this age',
  },
  maxCrashes: {
    kind: integer(0, MANY),
    default: 0,
    byDefault: 'any number',
    help: 'fork no worker for a while when more than so many died within a minute',
  },
  jitter: { kind: percentage, default: 0.1, help: "shorten each worker's limits at random by up to so much" },
  holdConnects: {
    kind: holdTargets,
    default: ['auto'],
    byDefault: 'auto',
    help: 'which connects of the app wait for the fork: auto, none, HOST:PORT or a path',
  },
  allowSharedSockets: {
    kind: toggle,
    default: false,
    help: 'share connected sockets with the workers; for those of the unix domain from which nothing is read',
  },
  user: {
    kind: text('user'),
    default: undefined,
    byDefault: "the server's own",
    fixed: true,
    help: 'run the app as this user; the server itself stays what it is, and opens the sockets',
  },
  group: {
    kind: text('group'),
    default: undefined,
    byDefault: "the user's own",
    fixed: true,
    help: 'the group of the app',
  },
  groups: {
    kind: list(text('group')),
    default: undefined,
    byDefault: 'those that the user is in',
    fixed: true,
    help: 'the supplementary groups of the app',
  },
  allowNewPrivileges: {
    kind: toggle,
    default: false,
    fixed: true,
    help: 'with --user: let the app use sudo and other programs that change the user',
  },
  rlimit: {
    kind: list(rlimit),
    default: [],
    byDefault: "the server's own",
    fixed: true,
    help: "limit what the app's processes use, such as nofile=4096 or core=0:unlimited",
  },
  undumpable: {
    kind: toggle,
    default: false,
    fixed: true,
    help: 'keep processes of the same user from looking into those of the server',
  },
  log: { kind: choice('plain', 'json'), default: 'plain', fixed: true, help: "the format of prefork's own lines" },
  pidfile: {
    kind: text('file'),
    default: undefined,
    fixed: true,
    help: "write the server's process id there, once it serves",
  },
  statusPort: {
    kind: integer(0, 65535),
    default: undefined,
    byDefault: 'none',
    fixed: true,
    help: 'serve the status page there',
  },
  statusHost: { kind: text('host'), default: '127.0.0.1', fixed: true, help: 'the address of the status page' },
  cwd: { kind: text('folder'), default: undefined, fixed: true, help: 'change to this folder first' },
};

export const NAMES = Object.keys(TABLE) as Name[];

/** Without the dashes: 'max-memory'. */
export function flagOf(name: Name): string {
  return TABLE[name].flag ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** 'PREFORK_MAX_MEMORY' */
export function variableOf(name: Name): string {
  return `PREFORK_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}
