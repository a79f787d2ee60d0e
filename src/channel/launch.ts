import type { NodeFlags } from '../node/flags.js';

/** How a zygote is to load the app. */
export interface LoadPlan {
  /** Destinations whose connects are held. */
  readonly hold: readonly string[];
  /** It may ask for further ones to be held, and be loaded once more. */
  readonly mayAskToHold: boolean;
}

/** What the monitor tells the zygote at its start. */
export interface AppOptions extends LoadPlan {
  /** The monitor's process id. */
  readonly monitor: number;
  readonly generation: number;
  /** The app's absolute path, as Node would have it in process.argv. */
  readonly app: string;
  /** The same as it was given, by links that are not resolved. */
  readonly appPath: string;
  readonly preload: boolean;
  readonly preloadModules: readonly string[];
  readonly warmUp: string | undefined;
  readonly concurrency: number;
  /** Milliseconds that a client has for its first request's header; undefined for what `concurrency` makes it. */
  readonly clientTimeout: number | undefined;
  /** The kernel hands over connections of HTTP servers when something was sent on them. */
  readonly deferAccept: boolean;
  readonly backlog: number | undefined;
  /** Bytes; 0 for as many as V8 wants. */
  readonly maxYoungGeneration: number;
  /** Milliseconds. */
  readonly spawnTimeout: number;
  readonly grace: number;
  readonly streamGrace: number;
  readonly allowSharedSockets: boolean;
  /** The service has sockets for the app's first server: by --listen, or from a service manager. */
  readonly hasOverrides: boolean;
  /** The permissions of paths, when they are not the app's to set. */
  readonly socketMode: number | undefined;
  /** Listening sockets that the app may name by descriptor, as it may under plain node. */
  readonly inherited: readonly number[];
  /** Those that Node would run the app with. */
  readonly nodeFlags: NodeFlags;
  /** The monitor's parent has opened an IPC channel for the app. */
  readonly hasSupervisor: boolean;
  /** Processes of the same user may not look into this one. */
  readonly undumpable: boolean;
}

/** The variable of the environment that has it, as JSON. */
export const VARIABLE = 'PREFORK_ZYGOTE';

/** What a zygote is told at its start. A change here raises "zygote.protocol" in package.json. */
export interface Launch {
  readonly options: AppOptions;
  /** Its end of the channel to the monitor. */
  readonly channelFd: number;
  readonly scoreboardFd: number;
  /** Variables that are the zygote's own; absent where the monitor is of an older version. */
  readonly ownVariables?: readonly string[];
}

/** In the zygote; neither the app nor what it starts sees it. */
export function takeLaunch(): Launch {
  const launch = JSON.parse(process.env[VARIABLE] ?? '') as Launch;
  for (const name of [VARIABLE, ...(launch.ownVariables ?? [])]) delete process.env[name];
  return launch;
}
