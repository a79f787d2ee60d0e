import { until } from '../util/poll.js';

/** The ways to serve that are compared. */
export const MODELS = ['prefork', 'start', 'cluster', 'cluster-none', 'event-loop'] as const;

export type Model = (typeof MODELS)[number];

/** What each is called in tables, and in a sentence. */
export const NAMES: Readonly<Record<Model, { readonly name: string; readonly sentence: string }>> = {
  prefork: { name: 'prefork', sentence: 'prefork echo: children that block in accept(2), one client each at a time' },
  start: { name: 'prefork start', sentence: 'prefork start: an event loop in each forked worker' },
  cluster: { name: 'cluster', sentence: 'node:cluster with SCHED_RR: the primary accepts and hands out' },
  'cluster-none': { name: 'cluster none', sentence: 'node:cluster with SCHED_NONE: the workers accept' },
  'event-loop': { name: 'event loop', sentence: 'one Node process' },
};

export type App = 'echo' | 'http';

/** A running server of one of the models. */
export interface Server {
  readonly model: Model;
  readonly app: App;
  /** How many were asked for; an event loop has one process in any case. */
  readonly workers: number;
  /** On 127.0.0.1. */
  readonly port: number;
  /** The parent, monitor or primary, or the only process. */
  readonly root: number;
  /** When its first process was started, by performance.now(). */
  readonly started: number;
  /** In milliseconds after that: its first answer, and when all its workers served. */
  readonly took: { readonly answer: number; readonly all: number };
  /** The processes that serve clients now: children, workers, or the only process. */
  serving(): number[];
  /** All its processes now, the root first while it lives; also those that it left behind. */
  members(): number[];
  /** What it has logged until now: 'Child 7 accepted a client! (127.0.0.1:40001)'. A quiet one and http log no clients. */
  log(): readonly string[];
  /** Another one of the same model and app, ready; ended together with this one if not before. */
  another(workers: number): Promise<Server>;
  /** Ends all its processes, also those that it left behind, and waits until they are gone. */
  end(): Promise<void>;
}

/** How much of everything is done: a quick comparison ends within two minutes. */
export interface RunSize {
  /** How often a repeated scenario is run. */
  readonly rounds: number;
  /** How long a load lasts, in seconds. */
  readonly seconds: number;
  /** How long it has lasted before it is measured, in seconds: until each worker has compiled its code. */
  readonly warmUp: number;
  /** How many connections are spread. */
  readonly connections: number;
  /** How often what takes a moment is tried, such as killing a worker. */
  readonly tries: number;
  /** The families whose memory is read. */
  readonly families: readonly number[];
  /** How many requests a counted load has; each worker of a family has a tenth of them before its memory is read again. */
  readonly requests: number;
}

export const FULL: RunSize = {
  rounds: 5,
  seconds: 3,
  warmUp: 3,
  connections: 600,
  tries: 10,
  families: [2, 4, 8, 16],
  requests: 5000,
};

export const QUICK: RunSize = {
  rounds: 1,
  seconds: 1,
  warmUp: 0.5,
  connections: 600,
  tries: 3,
  families: [2, 16],
  requests: 1000,
};

/** A number that a scenario gives. */
export interface Figure {
  /** 'requests a second'. */
  readonly label: string;
  /** 'ms', 'MB', '/s'; '' for a bare number. */
  readonly unit: string;
  /** Which is the better; null where neither is. */
  readonly better: 'less' | 'more' | null;
}

/** A place in a plot. */
export type Point = readonly [x: number, y: number];

/** What one run of a scenario has found of one model. */
export interface Finding {
  /** In one short sentence without a full stop: 'each of the 3 children blocks in accept4(17)'. */
  readonly seen?: string;
  /** A number for each name of the scenario's figures; null for one that could not be had. */
  readonly figures?: Readonly<Record<string, number | null>>;
  /** The marks of the scenario's plot. */
  readonly points?: readonly Point[];
  /** Why figures are null, or what else the reader should know. */
  readonly note?: string | undefined;
}

/** How its points are drawn: one small plot for each model, or one line for each in a common one. */
export interface Plot {
  readonly kind: 'bars' | 'dots' | 'lines';
  readonly x: string;
  readonly y: string;
  /** The scale of y is linear, but for dots, which are latencies and span magnitudes. */
  readonly scale?: 'log';
}

/** The server that a scenario is run on. Neighbours in the list with the same setup share it: what destroys it comes last. */
export interface Setup {
  readonly app: App;
  readonly workers: number;
  /** In several rounds, all models in each: for figures that vary. */
  readonly repeated: boolean;
}

export const SETUPS = {
  echo: { app: 'echo', workers: 3, repeated: false },
  http: { app: 'http', workers: 4, repeated: false },
  families: { app: 'echo', workers: 2, repeated: false },
  httpInRounds: { app: 'http', workers: 4, repeated: true },
  echoInRounds: { app: 'echo', workers: 3, repeated: true },
} as const satisfies Readonly<Record<string, Setup>>;

/** What is done to each model's server, and what is measured. */
export interface Scenario {
  /** 'who-accepts': stable, in the JSON as well. */
  readonly id: string;
  readonly title: string;
  /** How it is observed, so that a reader can repeat it by hand. */
  readonly how: string;
  readonly setup: Setup;
  readonly figures?: Readonly<Record<string, Figure>>;
  readonly plot?: Plot;
  /** Why an event loop, which is one process, cannot take part; undefined where it can. */
  readonly needsWorkers?: string;
  /** @throws Error its message is the reason why the finding is missing */
  run(server: Server, size: RunSize): Promise<Finding>;
}

/** A finding's note of the clauses that apply; undefined where none does. */
export function noteOf(...clauses: readonly (string | false | undefined)[]): string | undefined {
  return clauses.filter(Boolean).join('; ') || undefined;
}

/** What `look` finds, see until(). @throws Error with the problem when that takes too long */
export async function orThrow<T>(problem: string, look: () => T | false, timeoutMs: number, interval?: number) {
  const found = await until(look, timeoutMs, interval);
  if (found === undefined) throw new Error(problem);
  return found;
}

/** Why a model cannot take part; undefined for one that can. */
export function exclusionOf({ setup, needsWorkers }: Scenario, model: Model): string | undefined {
  if (model === 'prefork' && setup.app === 'http') return 'the echo server speaks no http';
  return model === 'event-loop' ? needsWorkers : undefined;
}
