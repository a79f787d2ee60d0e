import type { Comparison } from '../comparison.js';
import { quantity } from '../report/format.js';
import { MODELS, type Model, NAMES } from '../scenario.js';

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

/**
 * Judges by these figures, all of which are named with what they are of each model.
 * @param figures 'ROW.FIGURE'; with '.MODEL' after it where the median of that model decides
 * @param judge is given those that decide, and may say more; without one of them nothing is said but why it is missing
 */
export function judged(
  figures: readonly string[],
  judge: (...medians: number[]) => Verdict | readonly [verdict: Verdict, more: string],
): Evaluator {
  const places = figures.map((place) => place.split('.') as [row: string, figure: string, model?: Model]);
  return {
    rows: [...new Set(places.map(([row]) => row))],
    evaluate(comparison) {
      const medians = places.flatMap(([row, figure, model]) =>
        model === undefined ? [] : medianOf(comparison, row, figure, model),
      );
      const missing = medians.find((median) => typeof median === 'string');
      if (missing !== undefined) return { verdict: 'not measured', because: missing };
      const [verdict, ...more] = [judge(...(medians as number[]))].flat() as [Verdict, ...string[]];
      const named = new Set(places.flatMap(([row, figure]) => allOf(comparison, row, figure)));
      return { verdict, because: [...named, ...more].join('; ') };
    },
  };
}

/** What no run shows, with what was seen nearby. */
export function unmeasured(why: string, ...rows: string[]): Evaluator {
  return {
    rows,
    evaluate(comparison) {
      const seen = rows.flatMap((row) => cellOf(comparison, row, 'prefork')?.seen ?? []);
      return { verdict: 'not measured', because: [why, ...seen.map((what) => `seen: ${what}`)].join('; ') };
    },
  };
}

/** Infinity where a client had no answer; why there is none where there is none. */
function medianOf(comparison: Comparison, row: string, figure: string, model: Model): number | string {
  const cell = cellOf(comparison, row, model);
  const median = cell?.figures[figure]?.median;
  if (median !== undefined) return median;
  if (cell?.missing === null && figure === 'answered') return Number.POSITIVE_INFINITY;
  const why = cell ? (cell.missing ?? cell.note ?? 'no reason was given') : 'the row is not in this comparison';
  return `${row}, ${figure} of ${NAMES[model].name} is missing: ${why}`;
}

/** 'memory, idle: prefork 2.4 MB, cluster 24 MB': of the models that have one; nothing where none has. */
function allOf(comparison: Comparison, row: string, figure: string): string[] {
  const { label, unit } = comparison.rows.find(({ id }) => id === row)?.figures[figure] ?? { label: '', unit: '' };
  const known = MODELS.flatMap((model) => {
    const median = medianOf(comparison, row, figure, model);
    if (typeof median === 'string') return [];
    return `${NAMES[model].name} ${median === Number.POSITIVE_INFINITY ? 'never' : quantity(median, unit)}`;
  });
  return known.length === 0 ? [] : [`${row}, ${label}: ${known.join(', ')}`];
}

function cellOf({ rows }: Comparison, id: string, model: Model) {
  return rows.find((row) => row.id === id)?.cells[model];
}
