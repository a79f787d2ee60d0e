import { expect, test } from 'vitest';
import { type Claim, DOCUMENT, documentOf } from '../../../src/compare/claims/claims.js';
import type { Cell, Comparison, Row } from '../../../src/compare/comparison.js';
import { exclusionOf, MODELS } from '../../../src/compare/scenario.js';
import { SCENARIOS } from '../../../src/compare/scenarios/index.js';
import { KINDS, sampleComparison } from './sample.js';

const CLAIMS = DOCUMENT.flatMap(({ topics }) => topics.flatMap(({ claims }) => claims));

/** The only sentence that begins so. */
function claim(start: string): Claim {
  const found = CLAIMS.filter(({ english }) => english.startsWith(start));
  if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} sentences begin: ${start}`);
  return found[0];
}

/** The sample with other medians; keys are 'row.figure.model'. */
function changed(medians: Readonly<Record<string, number | null>>): Comparison {
  const comparison = structuredClone(sampleComparison());
  for (const [place, median] of Object.entries(medians)) {
    const [row, figure = '', model] = place.split('.');
    const cell = comparison.rows.find(({ id }) => id === row)?.cells[model as 'prefork'];
    if (cell === undefined || !(figure in cell.figures)) throw new Error(`the sample has no ${place}`);
    Object.assign(cell.figures, { [figure]: median === null ? null : { median, min: median, max: median } });
  }
  return comparison;
}

/** The sample with that row, or one cell of it, as if it could not be had. */
function without(id: string, model?: string): Comparison {
  const gone = { missing: 'ptrace is not permitted', seen: null, note: null, figures: {}, points: [], findings: [] };
  const empty = (row: Row) => ({
    ...row,
    cells: Object.fromEntries(
      Object.entries(row.cells).map(([name, cell]) => [name, model === undefined || name === model ? gone : cell]),
    ) as Row['cells'],
  });
  const comparison = sampleComparison();
  return { ...comparison, rows: comparison.rows.map((row) => (row.id === id ? empty(row) : row)) };
}

test.each([
  ['The number of workers', {}, 'holds'],
  ['The number of workers', { 'fourth-client.answered.prefork': 2 }, 'does not hold'],
  ['In the example above', {}, 'holds'],
  ['In the example above', { 'fourth-client.answered.prefork': 2 }, 'does not hold'],
  ['For many simultaneous', {}, 'holds'],
  ['For many simultaneous', { 'fourth-client.answered.prefork': 2 }, 'does not hold'],
  ['Each process takes', {}, 'holds'],
  ['Each process takes', { 'memory.idle.prefork': 0.4 }, 'partly'],
  ['Each process takes', { 'memory.idle.prefork': 0.4, 'memory.served.prefork': 120 }, 'does not hold'],
  ['1000 simultaneous', {}, 'holds'],
  ['1000 simultaneous', { 'memory.idle.prefork': 0.4 }, 'partly'],
  ['1000 simultaneous', { 'memory.idle.prefork': 0.4, 'memory.served.prefork': 0.9 }, 'does not hold'],
  ['Memory is used less well', {}, 'holds'],
  ['Memory is used less well', { 'fourth-client.answered.event-loop': null }, 'does not hold'],
  ['Making and destroying', {}, 'holds'],
  ['Making and destroying', { 'fork.ms.prefork': 0.1 }, 'partly'],
  ['Making and destroying', { 'fork.ms.prefork': 0.01 }, 'does not hold'],
  ['Context switches', {}, 'partly'],
  ['Context switches', { 'round-trips.cpu.prefork': 40 }, 'holds'],
  ['Context switches', { 'round-trips.switches.prefork': 0.5 }, 'does not hold'],
  ['When one process crashes', {}, 'holds'],
  ['When one process crashes', { 'worker-dies.lost.prefork': 2 }, 'partly'],
  ['When one process crashes', { 'worker-dies.lost.prefork': 3 }, 'does not hold'],
  ['Even when memory leaks', {}, 'holds'],
  ['Even when memory leaks', { 'leak.after.start': 80 }, 'partly'],
  ['Even when memory leaks', { 'leak.after.start': 200 }, 'does not hold'],
  ['Even when memory leaks', { 'leak.leaked.start': 9 }, 'not measured'],
  ['Even with code', {}, 'holds'],
  ['Even with code', { 'worker-dies.lost.prefork': 3 }, 'does not hold'],
  ['Since the processes', {}, 'holds'],
  ['Since the processes', { 'burn.slowest.start': 100 }, 'partly'],
  ['Since the processes', { 'burn.slowest.start': 100, 'worker-dies.lost.prefork': 3 }, 'does not hold'],
  ['Stability first', {}, 'holds'],
  ['Stability first', { 'parent-dies.connectionsKept.prefork': 0 }, 'partly'],
  ['Stability first', { 'parent-dies.connectionsKept.prefork': 0, 'worker-dies.lost.prefork': 3 }, 'does not hold'],
  ['CPU-intensive', {}, 'holds'],
  ['CPU-intensive', { 'burn.slowest.start': 300 }, 'partly'],
  ['CPU-intensive', { 'burn.slowest.start': 600 }, 'does not hold'],
  ['Medium load', {}, 'holds'],
  ['Medium load', { 'memory.served.prefork': 10 }, 'partly'],
  ['Medium load', { 'memory.served.prefork': 70 }, 'does not hold'],
  ['For tens to hundreds', {}, 'holds'],
  ['For tens to hundreds', { 'memory.served.prefork': 1 }, 'partly'],
  ['For tens to hundreds', { 'memory.served.prefork': 1, 'fourth-client.answered.prefork': 1 }, 'does not hold'],
])('%s… with %j: %s', (start, medians, verdict) => {
  expect(claim(start).evaluate(changed(medians)).verdict).toBe(verdict);
});

test.each([
  ['Each process takes', 'memory, idle: prefork 2.4 MB, prefork start 4.2 MB, cluster 17.5 MB'],
  ['1000 simultaneous', '1000 processes of prefork take 2.4 GB, having served 4.1 GB'],
  ['Memory is used less well', 'answered after: prefork never, prefork start 1.2 ms'],
  ['When one process crashes', 'worker-dies, lost: prefork 1, prefork start 10'],
  ['Context switches', 'round-trips, processor time a line: prefork 14.4 µs'],
  ['No complex mutual', 'seen: each of the 3 children blocks in accept4(17)'],
])('%s… is judged by numbers that it names', (start, because) => {
  expect(claim(start).evaluate(sampleComparison()).because).toContain(because);
});

test('what no measurement can show is never judged', () => {
  const comparisons = [sampleComparison(), sampleComparison(1), { ...sampleComparison(), rows: [] }];
  const starts = [
    'Each process is independent',
    'No complex',
    'Processes share',
    'The separation of',
    'The separation at',
  ];
  for (const start of [...starts, 'It is a proven', 'Efficient development']) {
    for (const comparison of comparisons) expect(claim(start).evaluate(comparison).verdict).toBe('not measured');
  }
});

test.each(Object.keys(KINDS))('without %s, or a model in it, what rests on it says less or is not measured', (id) => {
  for (const model of [undefined, ...MODELS]) {
    for (const { evaluate, rows, english } of CLAIMS) {
      const evaluation = evaluate(without(id, model));
      const full = evaluate(sampleComparison());
      if (!rows.includes(id)) expect(evaluation, english).toEqual(full);
      else expect(evaluation.because, english).not.toMatch(/undefined|NaN|: ;|; $/);
      if (evaluation.verdict === full.verdict) continue;
      expect(evaluation, english).toEqual({
        verdict: 'not measured',
        because: expect.stringMatching(/is missing: ptrace is not permitted$/),
      });
    }
  }
});

test('without any row, every sentence says what is missing', () => {
  for (const { evaluate } of CLAIMS) {
    const { verdict, because } = evaluate({ ...sampleComparison(), rows: [] });
    expect(verdict).toBe('not measured');
    expect(because).not.toBe('');
  }
});

/** What each observation would give if it found the same number for all. */
function observed(): Comparison {
  const spread = { median: 5, min: 5, max: 5 };
  const rows = SCENARIOS.map(({ id, title, how, figures = {}, plot }): Row => {
    const numbers = Object.fromEntries(Object.keys(figures).map((name) => [name, spread]));
    const cell = (): Cell => ({
      missing: null,
      seen: 'x',
      note: null,
      figures: numbers,
      points: [[1, 5]],
      findings: [],
    });
    const cells = Object.fromEntries(MODELS.map((model) => [model, cell()])) as Row['cells'];
    return { id, title, how, figures, plot: plot ?? null, cells };
  });
  return { ...sampleComparison(), rows };
}

test('the verdicts rest on rows and figures that the observations give, of models that take part in them', () => {
  const comparison = observed();
  const ids = comparison.rows.map(({ id }) => id);
  for (const { rows, evaluate, english } of CLAIMS) {
    expect(ids, english).toEqual(expect.arrayContaining([...rows]));
    expect(evaluate(comparison).because, english).not.toContain('is missing');
  }
});

test('a sentence is not judged by a model that is excluded from its row', () => {
  const comparison = observed();
  for (const scenario of SCENARIOS) {
    for (const model of MODELS) {
      const cell = comparison.rows.find((row) => row.id === scenario.id)?.cells[model];
      const missing = exclusionOf(scenario, model);
      if (cell !== undefined && missing !== undefined) Object.assign(cell, { missing, figures: {} });
    }
  }
  for (const { evaluate, english } of CLAIMS) expect(evaluate(comparison).because, english).not.toContain('is missing');
});

test('a comparison of some rows alone judges only the sentences that rest on these', () => {
  expect(documentOf(sampleComparison())).toEqual(DOCUMENT);
  const rows = sampleComparison().rows.filter(({ id }) => id === 'fourth-client');
  const left = documentOf({ ...sampleComparison(), rows }).flatMap(({ topics }) =>
    topics.flatMap((topic) => topic.claims),
  );
  expect(new Set(left.flatMap((claim) => claim.rows))).toEqual(new Set(['fourth-client']));
  expect(documentOf({ ...sampleComparison(), rows: [] })).toEqual([]);
});
