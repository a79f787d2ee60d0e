import type { Spread } from '../util/statistics.js';
import type { Figure, Finding, Model, Plot, Point } from './scenario.js';

/** All that was seen, as --json gives it and the report shows it. */
export interface Comparison {
  /** ISO 8601. */
  readonly date: string;
  readonly quick: boolean;
  /** How often figures that vary were measured. */
  readonly rounds: number;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly kernel: string;
    readonly node: string;
    readonly prefork: string;
    /** The load average of one minute at the beginning and at the end. */
    readonly load: readonly [number, number];
  };
  /** How long it took, in seconds. */
  readonly seconds: number;
  readonly models: readonly { readonly id: Model; readonly name: string; readonly sentence: string }[];
  readonly rows: readonly Row[];
}

/** A scenario with what was found of each model. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly how: string;
  readonly figures: Readonly<Record<string, Figure>>;
  readonly plot: Plot | null;
  readonly cells: Readonly<Record<Model, Cell>>;
}

/** One model in one row. */
export interface Cell {
  /** Why there is nothing; null when there is. */
  readonly missing: string | null;
  /** What the last round has seen. */
  readonly seen: string | null;
  readonly note: string | null;
  readonly figures: Readonly<Record<string, Spread | null>>;
  readonly points: readonly Point[];
  /** One for each round, as it was found. */
  readonly findings: readonly Finding[];
}
