import { until } from '../util/poll.js';
import type { Model } from './models.js';
import type { RunSize } from './run-size.js';
import type { App, Server } from './servers/server.js';

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
