import type { LeaveReason } from '../policy/leaving.js';
import type { Address } from '../posix/index.js';
import type { Settings } from '../settings/index.js';

// A monitor may have a zygote of another version of prefork: a change here raises "zygote.protocol" in package.json.

/** What a process of the app asks to listen on, as net.Server hands it on. */
export interface ListenRequest {
  /** Numeric; null for any address. */
  readonly address: string | null;
  readonly port: number;
  /** 4, 6, or -1 for a path of the unix domain, which `address` is then. */
  readonly addressType: number;
  readonly backlog: number;
  readonly ipv6Only: boolean;
  /** How many servers of the process asked before this one did: the first one is what --listen is about. */
  readonly order: number;
}

/** How the monitor answers it: with as many descriptors as there are addresses, or a negative errno. */
export type ListenReply =
  | { readonly type: 'listening'; readonly key: string; readonly addresses: readonly Address[] }
  | { readonly type: 'not listening'; readonly errno: number };

/** From the monitor to the zygote; the worker's end of its own channel comes with it. */
export interface ForkCommand {
  readonly type: 'fork';
  readonly slot: number;
  readonly generation: number;
  /** The worker's record on the scoreboard. */
  readonly record: number;
}

/** What a process of the app waits for. */
export type Awaited = ListenReply | ForkCommand;

/** From the monitor at any time, to be done when it is read. */
export type Notice =
  /** A worker is to leave; sent again when the reason has become another one. */
  | { readonly type: 'leave'; readonly reason: LeaveReason }
  /** The process is to send itself a signal that the monitor may not send: EPERM in kill(2). */
  | { readonly type: 'raise'; readonly signal: NodeJS.Signals };

/** From the monitor to a zygote or a worker. */
export type ToApp = Awaited | Notice;

/** From a zygote or a worker to the monitor. */
export type ToMonitor =
  | ({ readonly type: 'listen' } & ListenRequest)
  /** What the app has to say to the monitor's parent, by process.send(). */
  | { readonly type: 'to parent'; readonly message: unknown }
  /** Worth a line in the log. */
  | { readonly type: 'warning'; readonly message: string }
  /** What the settings are now, read for this zygote. A setting that is undefined is absent. */
  | { readonly type: 'settings'; readonly settings: Settings }
  /** The zygote is quiet and takes commands. @param file the app's, where links lead to it */
  | { readonly type: 'loaded'; readonly file?: string }
  /** The zygote will never take any; it ends. */
  | { readonly type: 'refused'; readonly reasons: readonly string[] }
  | { readonly type: 'fork failed'; readonly record: number; readonly message: string }
  /** A worker's first word. */
  | { readonly type: 'hello'; readonly pid: number }
  /** Its servers listen. */
  | { readonly type: 'ready' };
