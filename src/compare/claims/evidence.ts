import type { Cell, Comparison } from '../comparison.js';
import { quantity } from '../report/format.js';
import { type Model, NAMES } from '../scenario.js';

export type Verdict = 'holds' | 'partly' | 'does not hold' | 'not measured';

/** What the numbers of one comparison say of a sentence. */
export interface Evaluation {
  readonly verdict: Verdict;
  /** Built from the numbers; without a full stop. */
  readonly because: string;
}

export interface Evaluator {
  /** The ids of the rows that support or contradict the sentence. */
  readonly rows: readonly string[];
  readonly evaluate: (comparison: Comparison) => Evaluation;
}

/** A verdict and its reasons, of which empty ones are left out. */
export type Reasoned = readonly [verdict: Verdict, ...because: string[]];

/** Judges by the numbers of these rows; without one that it needs nothing is said but why that is missing. */
export function judged(rows: readonly string[], judge: (of: Evidence) => Reasoned): Evaluator {
  return {
    rows,
    evaluate(comparison) {
      try {
        const [verdict, ...because] = judge(new Evidence(comparison));
        return { verdict, because: because.filter(Boolean).join('; ') };
      } catch (error) {
        if (error instanceof Absence) return { verdict: 'not measured', because: error.message };
        throw error;
      }
    },
  };
}

/** What no run shows, with what was seen nearby. */
export function unmeasured(why: string, ...rows: string[]): Evaluator {
  return judged(rows, (of) => {
    const seen = rows.flatMap((row) => of.cell(row, 'prefork')?.seen ?? []);
    return ['not measured', why, withLead('seen', seen.join())];
  });
}

export function withLead(lead: string, text: string): string {
  return text === '' ? '' : `${lead}: ${text}`;
}

class Absence extends Error {}

/** The numbers of one comparison. */
export class Evidence {
  readonly #comparison: Comparison;

  constructor(comparison: Comparison) {
    this.#comparison = comparison;
  }

  cell(row: string, model: Model): Cell | undefined {
    return this.#row(row)?.cells[model];
  }

  /** Undefined where there is none. */
  median(row: string, model: Model, figure: string): number | undefined {
    return this.cell(row, model)?.figures[figure]?.median;
  }

  /** The medians of these figures. @throws Absence where one is missing */
  medians<const Names extends readonly string[]>(row: string, model: Model, ...figures: Names) {
    const medians = figures.map((figure) => this.median(row, model, figure) ?? this.#miss(row, model, figure));
    return medians as { readonly [Place in keyof Names]: number };
  }

  /** Milliseconds until the fourth client of three workers was answered; null when it was not. @throws Absence */
  fourthClient(model: Model): number | null {
    if (this.cell('fourth-client', model)?.missing !== null) this.#miss('fourth-client', model, 'answered');
    return this.median('fourth-client', model, 'answered') ?? null;
  }

  /** '9.1 MB'; '' where there is none. */
  text(row: string, model: Model, figure: string): string {
    const median = this.median(row, model, figure);
    return median === undefined ? '' : quantity(median, this.#row(row)?.figures[figure]?.unit ?? '');
  }

  /** 'prefork start 9.1 MB, cluster 24 MB': those of the models that have one; '' when none has. */
  listed(row: string, models: readonly Model[], figure: string): string {
    const known = models.filter((model) => this.median(row, model, figure) !== undefined);
    return known.map((model) => `${NAMES[model].name} ${this.text(row, model, figure)}`).join(', ');
  }

  #row(id: string) {
    return this.#comparison.rows.find((row) => row.id === id);
  }

  #miss(row: string, model: Model, figure: string): never {
    const cell = this.cell(row, model);
    const why = cell ? (cell.missing ?? cell.note ?? 'no reason was given') : 'the row is not in this comparison';
    throw new Absence(`${row}, ${figure} of ${NAMES[model].name} is missing: ${why}`);
  }
}
