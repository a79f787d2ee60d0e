import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import type { Comparison } from '../../../src/compare/comparison.js';
import { number, quantity } from '../../../src/compare/report/format.js';
import { renderText } from '../../../src/compare/report/text.js';
import { sampleComparison, sampleRow } from './sample.js';

afterEach(() => vi.unstubAllEnvs());

/** What stands between the head and the document's lists, of one row. */
function shownRow(id: string, columns: number, rounds = 1): string {
  const comparison = sampleComparison(rounds);
  const text = renderText({ ...comparison, rows: [sampleRow(id, rounds)] }, { columns, colour: false });
  return text.split('\n\n')[1]?.trimEnd() ?? '';
}

function longest(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}

test.each([
  [0, '0'],
  [3, '3'],
  [0.012345, '0.0123'],
  [1.005, '1'],
  [12.345, '12.3'],
  [99.96, '100'],
  [123.4, '123'],
  [12_345.6, '12,346'],
  [-0.5, '−0.5'],
])('the number %d is written %s', (value, text) => {
  expect(number(value)).toBe(text);
});

test('a unit stands beside its number as people write it', () => {
  const units = ['ms', 'µs', 'MB', '/s', '%', ''];
  expect(units.map((unit) => quantity(9, unit))).toEqual(['9 ms', '9 µs', '9 MB', '9/s', '9%', '9']);
});

test('words: a line for each model, with figures, notes and what is missing', () => {
  expect(shownRow('fourth-client', 80)).toBe(`The fourth client of three workers
  prefork        waits until a client leaves; “answered after” missing: no
                 answer within 1 s
  prefork start  is served at once; answered after 1.2 ms
  cluster        is served at once; answered after 1.9 ms
  cluster none   is served at once; answered after 1.4 ms
  event loop     is served at once; answered after 0.8 ms
  how: How it is done: the steps that a reader repeats by hand for
  fourth-client.`);
  expect(shownRow('listener', 80)).toContain('event loop     the only process; nothing to compare with\n');
  expect(shownRow('delivery', 80)).toContain('event loop     missing: it has no workers\n');
});

test('figures: a line for each model', () => {
  expect(shownRow('request-cost', 80)).toBe(`What a request costs the kernel
                 context switches  system calls
  prefork                 missing       missing
  prefork start               1.2           6.1
  cluster                     2.9          14.2
  cluster none                1.3           6.2
  event loop                  0.4       missing
  prefork        missing: the echo server speaks no http
  event loop     “system calls” missing: strace may not attach
  how: How it is done: the steps that a reader repeats by hand for request-cost.`);
});

test('figures of several rounds: the least and the most beneath the median, in as many tables as the width asks for', () => {
  const row = shownRow('round-trips', 80, 5);
  expect(row).toContain(`
                 lines a second on  lines a second on           p50
                    one connection              three
  prefork                 42,066/s           82,080/s       21.5 µs
                  41,000 to 43,132   80,000 to 84,160    21 to 22.1
`);
  expect(row).toContain(`
                 processor time a  context switches a  system calls a
                             line                line            line
  prefork                 14.4 µs                2.05            2.05
`);
});

test('a figure that is null without a note is missing all the same', () => {
  const row = sampleRow('fork', 1, [{ figures: { ms: null } }]);
  const text = renderText({ ...sampleComparison(), rows: [row] }, { columns: 100, colour: false });
  expect(text).toContain('prefork        “until it runs”, “the parent is held” missing: no reason was given\n');
  expect(text).toContain('cluster        missing: not tried\n');
});

test.each([1, 5])('no line of %i rounds is longer than the terminal is wide', (rounds) => {
  for (const columns of [40, 60, 80, 100, 120, 200]) {
    const text = renderText(sampleComparison(rounds), { columns, colour: false });
    expect(longest(text)).toBeLessThanOrEqual(columns);
    for (const { title } of sampleComparison().rows) expect(text.replace(/\s+/g, ' ')).toContain(title);
  }
});

test('the head says when, where, and how often', () => {
  const head = (comparison: Comparison) => renderText(comparison, { columns: 120, colour: false }).split('\n');
  expect(head(sampleComparison()).slice(0, 3)).toEqual([
    'prefork 1.2.3 compare, 2030-01-02 03:04 UTC, took 372 s',
    '2 × Example CPU @ 3.00GHz, Linux 6.1.0, Node v20.20.2, load 0.41 before, 2.1 after',
    'Figures that vary: medians of 5 rounds, each with its least and its most',
  ]);
  expect(head(sampleComparison(1))).toContain('Figures that vary: one round');
  expect(head(sampleComparison(1))[0]).toContain('compare --quick');
});

test('colours only where they are asked for, and NO_COLOR speaks louder', () => {
  const shown = (colour: boolean) => renderText(sampleComparison(), { columns: 80, colour });
  vi.stubEnv('FORCE_COLOR', '1');
  expect(shown(false)).toBe(stripVTControlCharacters(shown(true)));
  expect(shown(true)).not.toBe(shown(false));
  vi.stubEnv('FORCE_COLOR', undefined);
  vi.stubEnv('NO_COLOR', '1');
  expect(shown(true)).toBe(shown(false));
});

test('nothing that a server or a system has said garbles the terminal or forges a line', () => {
  const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constant('\x1b[31m\u202e\r\nhow: forged'));
  fc.assert(
    fc.property(texts, (text) => {
      const row = { ...sampleRow('who-accepts', 1, [{ seen: text }, text, { seen: 'a', note: text }]), how: text };
      const shown = renderText({ ...sampleComparison(), rows: [row] }, { columns: 80, colour: false });
      expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202e]/u);
      expect(shown.match(/^ {2}how:/gm)).toHaveLength(1);
    }),
  );
});

test('the document’s sentences come with verdicts and reasons', () => {
  const text = renderText(sampleComparison(), { columns: 220, colour: false });
  expect(text).toContain(`
  holds          Each process takes several MB to several tens of MB of memory.
                 because: memory, idle: prefork 2.4 MB, prefork start 4.2 MB, cluster 17.5 MB, cluster none 17.6 MB; memory, having served: prefork 4.1 MB, prefork start 9.1 MB, cluster 24.2 MB, cluster none 24.3 MB
`);
});
