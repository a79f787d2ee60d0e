import type { HeldConnect, HoldRequest } from '../policy/holds.js';
import type { ToldError, Turn } from '../policy/turns.js';
import type { Address } from '../posix/index.js';

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

/** How the monitor answers a worker that asks for its turn. */
export type TurnReply = { readonly type: 'turn' } & Turn;

/** From the monitor to a zygote or a worker. */
export type ToApp = ListenReply | ForkCommand | TurnReply;

/** From a zygote or a worker to the monitor. */
export type ToMonitor =
  | ({ readonly type: 'listen' } & ListenRequest)
  /** Worth a line in the log. */
  | { readonly type: 'warning'; readonly message: string }
  /** The zygote is quiet and takes commands; these connects wait for the fork. */
  | { readonly type: 'loaded'; readonly held: readonly HeldConnect[] }
  /** The zygote asks for connects to be held, and ends: the app is to be loaded once more. */
  | ({ readonly type: 'hold' } & HoldRequest)
  /** The zygote will never take any; it ends. */
  | { readonly type: 'refused'; readonly reasons: readonly string[] }
  | { readonly type: 'fork failed'; readonly record: number; readonly message: string }
  /** A worker's first word. */
  | { readonly type: 'hello'; readonly pid: number }
  /** Its servers listen. */
  | { readonly type: 'ready' }
  /** A worker asks for its turn at what one worker runs first; the answer is a TurnReply. */
  | { readonly type: 'once'; readonly name: string }
  /** Its turn has come to an end. */
  | { readonly type: 'once ended'; readonly name: string; readonly error?: ToldError | undefined };
