/** Who a worker is. */
export interface WorkerIdentity {
  /** Which of the server's places it fills, from 0; its successor takes the same one. */
  readonly slot: number;
  /** Which load of the app it was forked from, from 1; each reload starts the next. */
  readonly generation: number;
  readonly pid: number;
}

/** What a warm-up asks, besides a path. */
export interface WarmUpRequest {
  /** GET, or POST with a body, unless it is said. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

export interface WarmUpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Asks the app. @returns undefined when it has not answered within a second, which the log says then */
export type WarmUpAsk = (path: string, options?: WarmUpRequest) => Promise<WarmUpResponse | undefined>;

export interface Hook<Arguments extends unknown[]> {
  readonly run: (...args: Arguments) => void | Promise<void>;
  /** Where it was registered. */
  readonly place: string | undefined;
}

/** What the app has registered, and what it is told; of one shape for all copies of prefork in a process. */
export interface Registry {
  readonly beforeFork: Hook<[]>[];
  /** Absent where another version has made this. */
  warmUp?: Hook<[WarmUpAsk]>[];
  readonly afterFork: Hook<[WorkerIdentity]>[];
  worker: WorkerIdentity | null;
  /** prefork runs the app: true from before it is loaded. */
  preforked?: boolean;
  /** Brings a copy's own `worker` up to date. */
  readonly onWorker: ((worker: WorkerIdentity) => void)[];
  /** Has one worker of a generation run a function; undefined under plain node. */
  once?: (name: string, fn: () => unknown) => Promise<void>;
}

/** The shape's version: copies of prefork that do not share it do not meet. */
const VERSION = 1;
const KEY = Symbol.for('prefork.app');

/** The app may resolve another copy of prefork than the one that runs it: both find this. */
export function registry(): Registry {
  const versions: Record<number, Registry> = Reflect.get(globalThis, KEY) ?? {};
  if (!Object.hasOwn(globalThis, KEY)) Object.defineProperty(globalThis, KEY, { value: versions });
  versions[VERSION] ??= { beforeFork: [], afterFork: [], worker: null, onWorker: [] };
  return versions[VERSION];
}
