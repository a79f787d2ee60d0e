import type { Cell, Row, Spread } from './comparison.js';
import { MODELS, type Model } from './models.js';
import type { Finding, Observation } from './observation.js';

/** What one look gave: a finding, or the reason why there is none. */
export type Outcome = { readonly finding: Finding } | { readonly missing: string };

/** By observation and model, one for each round. */
export type Outcomes = Map<string, Map<Model, Outcome[]>>;

/** An observation's row: what all rounds found of each model. */
export function rowOf({ id, title, how, figures = {}, plot }: Observation, outcomes: Outcomes): Row {
  const cellOfModel = (model: Model) => cellOf(Object.keys(figures), outcomes.get(id)?.get(model) ?? []);
  const cells = Object.fromEntries(MODELS.map((model) => [model, cellOfModel(model)])) as Record<Model, Cell>;
  return { id, title, how, figures, plot: plot ?? null, cells };
}

function cellOf(figures: readonly string[], outcomes: readonly Outcome[]): Cell {
  const findings = outcomes.flatMap((outcome) => ('finding' in outcome ? outcome.finding : []));
  const reasons = outcomes.flatMap((outcome) => ('missing' in outcome ? outcome.missing : []));
  const [reason = 'it was not looked for'] = reasons;
  const last = findings.at(-1);
  const failed =
    findings.length > 0 && reasons.length > 0
      ? [`${reasons.length} of ${outcomes.length} rounds failed: ${reason}`]
      : [];
  return {
    missing: last === undefined ? reason : null,
    seen: last?.seen ?? null,
    note: [...(last?.note === undefined ? [] : [last.note]), ...failed].join('; ') || null,
    figures: Object.fromEntries(figures.map((name) => [name, spreadOf(findings, name)])),
    points: last?.points ?? [],
    findings,
  };
}

function spreadOf(findings: readonly Finding[], name: string): Spread | null {
  const numbers = findings.flatMap(({ figures }) => figures?.[name] ?? []).sort((a, b) => a - b);
  const [min, max] = [numbers[0], numbers.at(-1)];
  return min === undefined || max === undefined ? null : { median: median(numbers), min, max };
}

/** Of numbers in order; of an even number of them the mean of the middle two. */
function median(sorted: readonly number[]): number {
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}
