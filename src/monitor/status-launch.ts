import type { History, Status } from '../status/index.js';
import type { LogFormat } from './log.js';

/** The variable of the environment that tells the status page's process what it is, as JSON. */
export const STATUS_VARIABLE = 'PREFORK_STATUS';

export interface StatusLaunch {
  /** A socket on which the monitor tells, … */
  readonly channelFd: number;
  /** … and the pipe by which it is asked. */
  readonly askFd: number;
  readonly listenerFd: number;
  /** The name by which the page may be asked for. */
  readonly host: string;
  readonly log: LogFormat;
}

/** A line on its channel, as JSON: the monitor's answer to a byte in the pipe. */
export interface Told {
  /** How the service goes, … */
  readonly status?: Status;
  /** … or why that is not to be told. */
  readonly error?: string;
  /** What is new since the last line on this channel. */
  readonly history: History;
}
