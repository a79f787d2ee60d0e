import type { Cell, Comparison } from '../comparison.js';
import { type Model, NAMES } from '../models.js';
import { quantity } from '../report/format.js';

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

/** Where a number stands. */
export type Place = readonly [row: string, figure: string, model: Model];

/**
 * Judges by medians; without one of them nothing is said but why it is missing.
 * @param others rows that say something beside it
 */
export function measured<Name extends string>(
  places: Readonly<Record<Name, Place>>,
  evaluate: (medians: Readonly<Record<Name, number>>, comparison: Comparison) => Evaluation,
  ...others: string[]
): Evaluator {
  const all = Object.entries(places) as [Name, Place][];
  const rows = [...new Set([...all.map(([, [row]]) => row), ...others])];
  return {
    rows,
    evaluate(comparison) {
      const medians = all.map(([name, place]) => [name, medianOf(comparison, place)] as const);
      const [, missing] = all.find((_, index) => medians[index]?.[1] === undefined) ?? [];
      if (missing !== undefined) return { verdict: 'not measured', because: absence(comparison, missing) };
      return evaluate(Object.fromEntries(medians) as Record<Name, number>, comparison);
    },
  };
}

/** What no run shows, with what was seen nearby. */
export function unmeasured(why: string, ...rows: string[]): Evaluator {
  return {
    rows,
    evaluate(comparison) {
      const seen = rows.flatMap((row) => cellOf(comparison, row, 'prefork')?.seen ?? []);
      return { verdict: 'not measured', because: joined(why, withLead('seen', seen.join())) };
    },
  };
}

export function cellOf(comparison: Comparison, row: string, model: Model): Cell | undefined {
  return comparison.rows.find(({ id }) => id === row)?.cells[model];
}

export function medianOf(comparison: Comparison, [row, figure, model]: Place): number | undefined {
  return cellOf(comparison, row, model)?.figures[figure]?.median;
}

/** 'prefork start 9.1 MB, cluster 24 MB': those of the models that have one; '' when none has. */
export function listed(comparison: Comparison, row: string, figure: string, models: readonly Model[]): string {
  const unit = comparison.rows.find(({ id }) => id === row)?.figures[figure]?.unit ?? '';
  const texts = models.flatMap((model) => {
    const median = medianOf(comparison, [row, figure, model]);
    return median === undefined ? [] : [`${NAMES[model].name} ${quantity(median, unit)}`];
  });
  return texts.join(', ');
}

/** Clauses that have something to say. */
export function joined(...clauses: string[]): string {
  return clauses.filter((clause) => clause !== '').join('; ');
}

export function withLead(lead: string, text: string): string {
  return text === '' ? '' : `${lead}: ${text}`;
}

/** Why there is no such number. */
export function absence(comparison: Comparison, [row, figure, model]: Place): string {
  const cell = cellOf(comparison, row, model);
  const reason =
    cell === undefined ? 'the row is not in this comparison' : (cell.missing ?? cell.note ?? 'no reason was given');
  return `${row}, ${figure} of ${NAMES[model].name} is missing: ${reason}`;
}
