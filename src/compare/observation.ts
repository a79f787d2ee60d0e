import type { Effort } from './effort.js';
import type { Model } from './models.js';
import type { Server } from './servers/server.js';

/** A number that an observation gives. */
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

/** What was seen of one model once. */
export interface Finding {
  /** In one short sentence without a full stop: 'each of the 3 children blocks in accept4(17)'. */
  readonly seen?: string;
  /** By the names of the observation's figures; null for one that could not be had. */
  readonly figures?: Readonly<Record<string, number | null>>;
  /** Of the observation's plot. */
  readonly points?: readonly Point[];
  /** Why figures are null, or what else the reader should know. */
  readonly note?: string;
}

/** How its points are drawn: one small plot for each model, or one line for each in a common one. */
export interface Plot {
  readonly kind: 'bars' | 'dots' | 'lines';
  readonly x: string;
  readonly y: string;
  /** Of y: latencies span magnitudes. */
  readonly scale?: 'linear' | 'log';
}

export interface Observation {
  /** 'who-accepts': stable, in the JSON as well. */
  readonly id: string;
  readonly title: string;
  /** How it is observed, so that a reader can repeat it by hand. */
  readonly how: string;
  readonly figures?: Readonly<Record<string, Figure>>;
  readonly plot?: Plot;
  /** Why a model cannot take part; undefined for one that can. */
  readonly excluded?: (model: Model) => string | undefined;
  /** @throws Error its message is the reason why the finding is missing */
  observe(server: Server, effort: Effort): Promise<Finding>;
}

/** Observations that are made on one server, one after another: what destroys it comes last. */
export interface Scene {
  readonly app: 'echo' | 'http';
  readonly workers: number;
  /** In several rounds, all models in each: for figures that vary. */
  readonly repeated: boolean;
  readonly observations: readonly Observation[];
}
