import type { ListenAddress } from '../net/address.js';

/** How a server is to run. All times are in milliseconds. */
export interface Settings {
  /** The app's path. */
  readonly app: string;
  /** The app's own arguments. */
  readonly args: readonly string[];
  readonly workers: number;
  /** Where to listen instead of where the app's first server would. */
  readonly listen: readonly ListenAddress[];
  /** Where processes of the app that are not root's may listen with the monitor's rights. */
  readonly allowListen: readonly ListenAddress[];
  /** The permissions of sockets' paths; undefined for what the app's umask leaves. */
  readonly socketMode: number | undefined;
  /** The owner of sockets' paths: 'USER', 'USER:GROUP' or ':GROUP', by names or numbers. */
  readonly socketOwner: string | undefined;
  /** The app is loaded once, before the forks, and not in each worker. */
  readonly preload: boolean;
  /** Modules to load before the app is, and before any fork. */
  readonly preloadModules: readonly string[];
  /** The path of a script that asks the app before the fork what clients will; undefined for none. */
  readonly warmUp: string | undefined;
  /** Connections that one worker has at a time; 0 for as many as come. */
  readonly concurrency: number;
  /** How long a client may take for its first request's header; 0 for ever, undefined for 5 s with `concurrency`. */
  readonly clientTimeout: number | undefined;
  /** Connections of HTTP servers are accepted when something was sent on them. */
  readonly deferAccept: boolean;
  /** How many connections may wait in the kernel; undefined for what the app says. */
  readonly backlog: number | undefined;
  /** How long the app may take to load and to become quiet. */
  readonly spawnTimeout: number;
  /** How long a worker may take until its servers listen. */
  readonly bootTimeout: number;
  /** How long a worker that leaves may take for what is in flight. */
  readonly grace: number;
  /** How long WebSockets, tunnels and event streams may go on when the service ends. */
  readonly streamGrace: number;
  /** How long a worker's event loop may stand still; 0 for ever. */
  readonly stuckTimeout: number;
  /** A worker is replaced after so many requests; 0 for never. */
  readonly maxRequests: number;
  /** A worker is replaced when it holds so many bytes; 0 for never. */
  readonly maxMemory: number;
  /** What counts as held: shared pages in proportion (pss), or in full (rss). */
  readonly maxMemoryKind: 'pss' | 'rss';
  /** Bytes up to which V8's young generation grows in a worker; 0 for as many as V8 wants. */
  readonly maxYoungGeneration: number;
  /** An idle worker that has so many bytes for itself, shared with no other, is replaced; 0 for never. */
  readonly renewMemory: number;
  /** That is done no sooner than so long after the worker was ready. */
  readonly renewInterval: number;
  /** A worker is replaced at this age; 0 for never. */
  readonly maxLifetime: number;
  /** Each worker's limits are shortened by a random part, up to this one: 0 to 1. */
  readonly jitter: number;
  /** No worker is forked for a while when more than so many died within a minute; 0 for any number. */
  readonly maxCrashes: number;
  /** Share connected sockets with the workers: for those of the unix domain from which nothing is read. */
  readonly allowSharedSockets: boolean;
  /** Which connects of the app are held until the fork: 'auto', 'none', or see parseDestination(). */
  readonly holdConnects: readonly string[];
  /** The user as whom zygote and workers run, a name or a number; undefined for the monitor's user. */
  readonly user: string | undefined;
  /** Their group; undefined for the user's own. */
  readonly group: string | undefined;
  /** Their supplementary groups; undefined for those that the user is in. */
  readonly groups: readonly string[] | undefined;
  /** With a user: they may get rights back, by sudo and its like. */
  readonly allowNewPrivileges: boolean;
  /** What they may use of the system: see parseRlimit(). */
  readonly rlimit: readonly string[];
  /** Processes of the same user cannot look into those of the service. */
  readonly undumpable: boolean;
  readonly log: 'plain' | 'json';
  readonly pidfile: string | undefined;
  /** Where the status page is; undefined for nowhere. */
  readonly statusPort: number | undefined;
  readonly statusHost: string;
  /** The folder to change to first, absolute; undefined for the present one. */
  readonly cwd: string | undefined;
}

/** The settings that the table has. */
export type Named = Omit<Settings, 'app' | 'args'>;
export type Name = keyof Named;

/** Those that may be given as text, as on the command line: '30s', '300M', '10%'. */
type OrText =
  | 'spawnTimeout'
  | 'bootTimeout'
  | 'grace'
  | 'streamGrace'
  | 'stuckTimeout'
  | 'clientTimeout'
  | 'maxMemory'
  | 'maxYoungGeneration'
  | 'renewMemory'
  | 'renewInterval'
  | 'maxLifetime'
  | 'maxCrashes'
  | 'jitter';

type Given<N extends Name> = N extends OrText
  ? number | string
  : N extends 'listen' | 'allowListen'
    ? number | string | readonly (number | string)[]
    : N extends 'socketMode'
      ? string
      : N extends 'holdConnects'
        ? string | readonly string[]
        : Named[N];

/** What a config file may hold: any of the settings. Numbers of times are milliseconds, of memory bytes; a mode is octal text. */
export type Config = { readonly [N in Name]?: Given<N> | undefined };

/** The options of serve(): those of `prefork start`. */
export interface ServeOptions extends Config {
  /** The app's path, from `cwd` on if it is relative, or its file: URL. */
  readonly app: string | URL;
  /** The app's own arguments. */
  readonly args?: readonly string[];
  /** The config file; by default prefork.config.json, .mjs or .js in `cwd`, if there is one. */
  readonly config?: string | undefined;
  /** Variables for the server and the app beside, and before, those of this process. */
  readonly env?: NodeJS.ProcessEnv;
}
