import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DOCUMENT } from '../../../src/compare/claims/claims.js';
import type { Comparison, Row } from '../../../src/compare/comparison.js';
import { renderReport } from '../../../src/compare/report/report.js';
import { type Finding, MODELS, type Plot, type Point } from '../../../src/compare/scenario.js';
import { sampleComparison, sampleRow } from './sample.js';

const NASTY = '</style></title><script>alert(1)</script>"\'&<b>`code`\x1b[31m\n';

const tags = (page: string) => page.match(/<[^>]*>/g) ?? [];
const values = (page: string, pattern: RegExp) => [...page.matchAll(pattern)].map(([, value]) => value ?? '');

/** A comparison with this text in every place that a server, a system or an observation has a say in. */
function saying(text: string): Comparison {
  const comparison = sampleComparison();
  const { machine, models, rows } = comparison;
  const given = [{ seen: text }, text, { seen: text, note: text }];
  const figures = { rate: { label: text, unit: text, better: null } };
  const points: Point[] = [[1, 2]];
  const drawn = (plot: Plot): Row => {
    const row = { ...sampleRow('fork', 1, Array(5).fill({ points, note: text })), figures, title: text, how: text };
    return { ...row, id: plot.kind, plot };
  };
  const plots = (['bars', 'dots', 'lines'] as const).map((kind) => ({ kind, x: text, y: text }));
  const row = { ...sampleRow('who-accepts', 1, given), title: text, how: text };
  return {
    ...comparison,
    date: text,
    machine: { ...machine, cpu: text, kernel: text, node: text, prefork: text },
    models: models.map(({ id }) => ({ id, name: text, sentence: text })),
    rows: [...rows, row, ...plots.map(drawn)],
  };
}

test('no text of others becomes markup', () => {
  // Titles of the same length, as the room that a text takes decides what stands beside it.
  const harmless = `${'x`y`z'.padEnd(NASTY.length - 1, 'z')}\n`;
  const shape = (page: string) => tags(page).map((tag) => tag.replace(/="[^"]*"/g, ''));
  expect(shape(renderReport(saying(NASTY)))).toEqual(shape(renderReport(saying(harmless))));
});

test('the page needs nothing from anywhere and runs nothing', () => {
  const page = renderReport(sampleComparison()).replaceAll('xmlns="http://www.w3.org/2000/svg"', '');
  expect(page).not.toMatch(/<(script|link rel="(?!icon)|img|iframe|object|embed)|@import|url\(|https?:/i);
  expect(values(page, / (?:href|src)="([^"]*)"/g).filter((target) => !/^(#|data:,$)/.test(target))).toEqual([]);
});

test('ids are there once, and each link leads to one', () => {
  const page = renderReport(sampleComparison());
  const ids = values(page, / id="([^"]*)"/g);
  expect(ids).toEqual([...new Set(ids)]);
  for (const target of values(page, / href="#([^"]*)"/g)) expect(ids).toContain(target);
  for (const labels of values(page, / aria-labelledby="([^"]*)"/g)) {
    for (const label of labels.split(' ')) expect(ids).toContain(label);
  }
});

test('each row is in the contents and has a table with a caption and headers, and how it was observed', () => {
  const comparison = sampleComparison();
  const page = renderReport(comparison);
  for (const { id, title, how } of comparison.rows) {
    expect(page).toContain(`<li><a href="#${id}">${title}</a></li>`);
    const section = page.slice(page.indexOf(`<section id="${id}"`)).split('</section>')[0] ?? '';
    expect(section).toContain(`<caption><span class="unseen">${title}: </span>`);
    expect(section.match(/<th scope="row">/g)?.length).toBeGreaterThanOrEqual(MODELS.length);
    expect(section).toContain(how);
  }
  expect(page.match(/<th(?! scope=)/g)).toHaveLength(page.match(/<thead/g)?.length ?? 0);
});

test('what is missing is said in words, with its reason', () => {
  const page = renderReport(sampleComparison());
  for (const reason of [
    'it has no workers',
    'the service ended with its only process',
    'strace may not attach',
    'no answer within 1 s',
  ]) {
    expect(page).toContain(`>missing: ${reason}</td>`);
  }
});

test('all values of the rounds, where there were several', () => {
  const many = renderReport(sampleComparison(5));
  expect(many).toContain('medians of 5 rounds, beneath them the least and the most');
  expect(many).toMatch(/<th scope="row">first answer, ms<\/th><td>71<\/td><td>71.9<\/td><td>72.8<\/td>/);
  expect(renderReport(sampleComparison(1))).not.toMatch(/<details>|medians of/);
});

test('every sentence of the document with its verdict, in both languages', () => {
  const comparison = sampleComparison();
  const page = renderReport(comparison);
  const topics = DOCUMENT.flatMap((list) => list.topics);
  const claims = topics.flatMap((topic) => topic.claims);
  expect(page.match(/<p class="said">/g)).toHaveLength(claims.length);
  for (const { japanese } of [...DOCUMENT, ...topics, ...claims]) expect(page).toContain(`lang="ja">${japanese}<`);
  const counts = values(page, /<li><span class="verdict [a-z-]*">[a-z ]*<\/span> (\d+)<\/li>/g).map(Number);
  expect(counts.reduce((sum, count) => sum + count)).toBe(claims.length);
});

/** The page of one row whose plot has these points, the same for all models. */
function plotted(plot: Plot, points: readonly Point[]): string {
  const given: Finding = { points };
  const row: Row = { ...sampleRow('who-accepts', 1, Array(5).fill(given)), plot };
  return renderReport({ ...sampleComparison(), rows: [row] });
}

test('a plot can be drawn of any points', () => {
  // Nothing measured is nearer to zero than that; among subnormal numbers a scale's divisions overflow.
  const measured = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => (Math.abs(x) < 1e-12 ? 0 : x));
  const value = fc.oneof(fc.constantFrom(0, -1, 1, 1e-9, 1e12), measured);
  const plot = fc.record({ kind: fc.constantFrom('bars', 'dots', 'lines') });
  fc.assert(
    fc.property(plot, fc.array(fc.tuple(value, value), { maxLength: 30 }), (look, points) => {
      const page = plotted({ x: 'x', y: 'y', ...look } as Plot, points);
      expect(page).not.toMatch(/NaN|Infinity|undefined/);
      expect(page.includes('<svg')).toBe(points.length > 0);
    }),
  );
});

test('a long load stays a small page: dots in the same place are one', () => {
  const points = Array.from({ length: 50_000 }, (_, i): Point => [i / 5e4, 1 + (i % 100) / 1e4]);
  const page = plotted({ kind: 'dots', x: 'x', y: 'y', scale: 'log' }, points);
  expect(page.length).toBeLessThan(200_000);
  expect(page).toContain('50,000 dots');
});

test('bars are described by their values, and by them alone where there are many', () => {
  const few = plotted({ kind: 'bars', x: 'worker', y: 'connections' }, [
    [1, 200],
    [2, 201],
  ]);
  expect(few).toContain('2 bars: 1: 200, 2: 201"');
  const texts = (page: string) => values(page, /<text[^>]*>([^<]*)/g);
  expect(texts(few)).toContain('201');
  const many = plotted(
    { kind: 'bars', x: 'worker', y: 'connections' },
    Array.from({ length: 40 }, (_, i): Point => [i, 205]),
  );
  expect(texts(many)).not.toContain('205');
});

test('a comparison of nothing is a page, too', () => {
  const page = renderReport({ ...sampleComparison(), rows: [] });
  expect(page).toContain('What is compared');
  expect(page).not.toMatch(/NaN|Infinity|undefined/);
});
