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

export type Evaluator = (comparison: Comparison) => Evaluation;

/** Where a number stands. */
export type Place = readonly [row: string, figure: string, model: Model];

/** Judges by medians; without one of them nothing is said but why it is missing. */
export function measured<Name extends string>(
  places: Readonly<Record<Name, Place>>,
  evaluate: (medians: Readonly<Record<Name, number>>, comparison: Comparison) => Evaluation,
): Evaluator {
  return (comparison) => {
    const medians: Partial<Record<Name, number>> = {};
    for (const [name, place] of Object.entries(places) as [Name, Place][]) {
      const median = medianOf(comparison, place);
      if (median === undefined) return { verdict: 'not measured', because: absence(comparison, place) };
      medians[name] = median;
    }
    return evaluate(medians as Record<Name, number>, comparison);
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

/** Why there is no such number. */
export function absence(comparison: Comparison, [row, figure, model]: Place): string {
  const cell = cellOf(comparison, row, model);
  const reason =
    cell === undefined ? 'the row is not in this comparison' : (cell.missing ?? cell.note ?? 'no reason was given');
  return `${row}, ${figure} of ${NAMES[model].name} is missing: ${reason}`;
}
