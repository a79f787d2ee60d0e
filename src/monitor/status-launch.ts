import type { LogFormat } from './log.js';

/** The variable of the environment that tells the status page's process what it is, as JSON. */
export const STATUS_VARIABLE = 'PREFORK_STATUS';

export interface StatusLaunch {
  readonly channelFd: number;
  readonly listenerFd: number;
  /** The name by which the page may be asked for. */
  readonly host: string;
  readonly log: LogFormat;
}
