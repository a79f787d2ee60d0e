import type { NodeFlags } from '../node/flags.js';
import type { Named } from '../settings/index.js';

/** How a zygote is to load the app. */
export interface LoadPlan {
  /** Destinations whose connects are held. */
  readonly hold: readonly string[];
  /** It may ask for further ones to be held, and be loaded once more. */
  readonly mayAskToHold: boolean;
}

/**
 * What the monitor tells the zygote at its start: the settings, but for the app's arguments, which are the process's own,
 * and what it has found out.
 */
export interface AppOptions extends LoadPlan, Omit<Named, 'args'> {
  /** The monitor's process id. */
  readonly monitor: number;
  readonly generation: number;
  /** The app's absolute path, as Node would have it in process.argv. */
  readonly app: string;
  /** The same as it was given, by links that are not resolved. */
  readonly appPath: string;
  /** The service has sockets for the app's first server: by --listen, or from a service manager. */
  readonly hasOverrides: boolean;
  /** Listening sockets that the app may name by descriptor, as it may under plain node. */
  readonly inherited: readonly number[];
  /** The flags that Node would run the app with. */
  readonly nodeFlags: NodeFlags;
  /** The monitor's parent has opened an IPC channel for the app. */
  readonly hasSupervisor: boolean;
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

/** What a zygote is told that is started while its monitor finds out the rest: that is a LaunchCommand on the channel. */
export interface EarlyLaunch extends Pick<Launch, 'channelFd' | 'ownVariables'> {
  readonly monitor: number;
}

/** In the zygote; neither the app nor what it starts sees it. */
export function takeLaunch(): Launch | EarlyLaunch {
  const launch = JSON.parse(process.env[VARIABLE] ?? '') as Launch | EarlyLaunch;
  for (const name of [VARIABLE, ...(launch.ownVariables ?? [])]) delete process.env[name];
  return launch;
}
