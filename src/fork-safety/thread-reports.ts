import type { HeldConnect } from '../channel/messages.js';
import type { StartedWorker } from './worker-text.js';

/** What the main thread tells every Worker that starts, as Node's environment data; absent where no fork is to come. */
export interface ThreadPlan {
  /** Destinations whose connects are held until the fork. */
  readonly hold: readonly string[];
  /** Shared by all threads of a process: 1 or 0 at each of the FLAGS. */
  readonly flags: Int32Array;
  /** Shared as well: one element, since when the Workers stand still, in milliseconds of monotonicTime(). */
  readonly restedAt: Float64Array;
}

/** The same clock for all threads, in milliseconds. */
export function monotonicTime(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** This process has been forked; its main thread blocks in Atomics.wait. */
export const FLAGS = { forked: 0, mainBlocked: 1 } as const;

export const PLAN = 'prefork.plan';

/** The name of the BroadcastChannel between the main thread and the Workers. */
export const CHANNEL = 'prefork.threads';

/** To the Workers: the process is to be forked soon, or has been. */
export type ThreadOrder = { readonly type: 'prepare' } | { readonly type: 'release' };

/** What keeps a connection: the thread's event loop waits for it, does not, or an agent keeps it for later. */
export type SocketUse = 'active' | 'idle' | 'agents';

export interface ReportedSocket {
  /** By which other threads know it: descriptors are used again. */
  readonly inode: string;
  readonly use: SocketUse;
  readonly destination: string | undefined;
  readonly place: string | undefined;
}

/** To the main thread: all that a Worker has open just now. Each report replaces the one before. */
export interface ThreadReport {
  readonly type: 'report';
  /** The Worker's `threadId`. */
  readonly thread: number;
  readonly sockets: readonly ReportedSocket[];
  readonly servers: readonly { readonly address: string; readonly place: string | undefined }[];
  /** The places of watchers of files. */
  readonly watchers: readonly (string | undefined)[];
  readonly held: readonly HeldConnect[];
  /** What is held keeps the Worker's event loop alive: the app may be waiting for it. */
  readonly awaitsHeld: boolean;
  /** Connects that found no peer. */
  readonly failed: readonly HeldConnect[];
  /** The Workers that this one has started. */
  readonly workers: readonly StartedWorker[];
}
