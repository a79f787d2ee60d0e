import type { ListenAddress } from '../net/address.js';
import type { Address } from '../posix/index.js';
import type { AppOptions } from './launch.js';

// A monitor may have a zygote of another version of prefork: a change here raises "zygote.protocol" in package.json.

/** Why a worker leaves: others serve on, or the whole service ends. */
export type LeaveReason = 'replaced' | 'stopping';

/** A connect that waits for the fork, or is to. */
export interface HeldConnect {
  readonly destination: string;
  /** Where the app called connect(): 'file:line:column', with the package that it came through. */
  readonly place?: string | undefined;
}

export interface LoadedAfter {
  /** Unknown in a Node without an inspector, or that forbids it. */
  readonly files: number | undefined;
  /** By which the process has grown. */
  readonly bytes: number;
}

/** What a compaction has made of the pages of V8's old generation, before and after in bytes. */
export interface Compaction {
  readonly before: number;
  readonly after: number;
  readonly milliseconds: number;
}

/** What a zygote says that found connections of the app at the fork, or whose app failed because it found no peer. */
export interface HoldRequest {
  readonly cause: 'open' | 'failed';
  readonly connects: readonly HeldConnect[];
  /** What was loaded after the first of them, which workers will not share; unknown of an app that failed. */
  readonly after?: LoadedAfter | undefined;
}

/**
 * How a process holds a listening socket: `own`, for a server that asked for its address; `first`, for its first server,
 * which asked for another address; `stand-in`, for one whose address cannot be bound while siblings hold this socket.
 */
export type Hold = 'own' | 'first' | 'stand-in';

/** What a server of the app asks to listen on. */
export interface ListenRequest {
  /** The host is numeric. */
  readonly address: ListenAddress;
  readonly ipv6Only: boolean;
  readonly reusePort: boolean;
  /** It is the first server: it gets the sockets that were given and that no server asked for, and those of --listen. */
  readonly first: boolean;
  /** The sockets that it has: it asks again which ones it is to have. */
  readonly has: readonly number[];
  readonly backlog: number;
  /** How many servers of the process had asked before this one: the same for the same server in each process. */
  readonly order: number;
  /** The process's, for the permissions of a path. */
  readonly umask?: number;
}

/** A listening socket that a server gets, beside its descriptor. */
export interface SharedSocket {
  readonly id: number;
  /** What it is bound to. */
  readonly address: Address;
  readonly hold: Hold;
  /** It was there before the service, and stays: what waits in its queue is another process's to answer. */
  readonly given: boolean;
}

/** How the monitor answers: with as many descriptors as there are sockets, or with the error and where it happened. */
export type ListenReply =
  | {
      readonly type: 'listening';
      readonly sockets: readonly SharedSocket[];
      /** What the server is to say that it listens on. */
      readonly address: Address;
    }
  | ListenFailure;

export interface ListenFailure {
  readonly type: 'not listening';
  /** Negative, as Node's errors have it. */
  readonly errno: number;
  /** The address or path that was tried. */
  readonly address: string;
  /** -1 for a path. */
  readonly port: number;
  /** What there is to say beside the error's own words. */
  readonly detail?: string;
}

/** From the monitor to the zygote, with the worker's end of its own channel, and the memory of the worker's report. */
export interface ForkCommand {
  readonly type: 'fork';
  readonly slot: number;
  readonly generation: number;
  /** The worker's record on the scoreboard, by which the monitor is told when it cannot be forked. */
  readonly record: number;
  /** Sockets that the worker inherits and that are of no use any more, by id. */
  readonly closedSockets: readonly number[];
}

/** An error as it is told to another process. */
export interface ToldError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly code?: string | number | undefined;
}

/** What a worker is to do that asks for its turn. */
export type Turn =
  | { readonly turn: 'run' }
  /** Ask again later: another one runs it. */
  | { readonly turn: 'wait' }
  | { readonly turn: 'done' }
  | { readonly turn: 'failed'; readonly error: ToldError };

/** How the monitor answers a worker that asks for its turn. */
export type TurnReply = { readonly type: 'turn' } & Turn;

/** How the monitor answers a process that asks whether the service listens at a destination. */
export type ServesReply = { readonly type: 'serves'; readonly answer: boolean };

/**
 * What a zygote is to load, which was started before that was known (EarlyLaunch in launch.ts). The descriptor of the
 * scoreboard goes with it.
 */
export interface LaunchCommand {
  readonly type: 'launch';
  readonly options: AppOptions;
  /** The app's. */
  readonly args: readonly string[];
  /** Its working directory, as the app is to see it in PWD. */
  readonly folder: string;
}

/** What a process of the app waits for. */
export type Awaited = ListenReply | ForkCommand | TurnReply | ServesReply | LaunchCommand;

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
  /** No server of the process listens on these sockets any more. */
  | { readonly type: 'closed'; readonly sockets: readonly number[] }
  /** A server listens on a descriptor of its own process. */
  | { readonly type: 'listens on descriptor'; readonly fd: number }
  /** Whether the service listens at a destination, by others than it is loaded beside; the answer is a ServesReply. */
  | { readonly type: 'serves'; readonly destination: string }
  /** Worth a line in the log. */
  | { readonly type: 'warning'; readonly message: string }
  /** What the settings are now, read for this zygote. A setting that is undefined is absent. */
  | { readonly type: 'settings'; readonly settings: object }
  /** The zygote is idle and takes commands; these connects wait for the fork. @param file where links lead to it */
  | {
      readonly type: 'loaded';
      readonly held: readonly HeldConnect[];
      readonly file?: string;
      readonly compaction?: Compaction;
    }
  /** Servers of the process cannot listen, for these reasons; it may go on all the same. */
  | { readonly type: 'cannot listen'; readonly reasons: readonly string[] }
  /** The zygote asks for connects to be held, and ends: the app is to be loaded once more. */
  | ({ readonly type: 'hold' } & HoldRequest)
  /** The process ends without having come to serve. */
  | { readonly type: 'refused'; readonly reasons: readonly string[] }
  | { readonly type: 'fork failed'; readonly record: number; readonly message: string }
  /** A worker's first word. Its process id is what the kernel says of the sender. */
  | { readonly type: 'hello' }
  /** Its servers listen. */
  | { readonly type: 'ready' }
  /** A worker asks for its turn at what one worker runs first; the answer is a TurnReply. */
  | { readonly type: 'once'; readonly name: string }
  /** Its turn has come to an end. */
  | { readonly type: 'once ended'; readonly name: string; readonly error?: ToldError | undefined };
