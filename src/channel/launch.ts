import type { AppOptions } from '../app/app-process.js';

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
