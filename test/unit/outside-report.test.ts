import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../helpers/process.js';

const { report } = await import(join(ROOT, 'bench/outside/report.mjs'));

function sample(round: number, name: string, perSecond: number, more: object = {}): object {
  return { round, figure: 'line', name, perSecond, cpuUs: 10, cold: false, ...more };
}

test('ratios are of the same round, and a round without both counts for none', () => {
  const samples = [
    sample(1, 'yardstick', 100),
    sample(1, 'ours', 50),
    sample(2, 'yardstick', 1000),
    sample(2, 'ours', 900, { cold: true }),
    sample(3, 'yardstick', 1, { missing: 'it broke' }),
    sample(3, 'ours', 80),
    sample(4, 'yardstick', 10),
    sample(4, 'ours', 7),
  ];
  const [{ title, rows }, ...others] = report(samples, () => 'yardstick');
  expect(others).toEqual([]);
  expect(title).toBe('Line echo, one connection');
  expect(rows).toMatchObject([
    { '': 'yardstick', 'lines/s': '100 (10 to 1000)', note: 'missing in 1 of 4 rounds: it broke' },
    { '': 'ours', 'lines × yardstick': '0.70 (0.50 to 0.90)', note: 'not warm in 1 of 4' },
  ]);
});

test('what is missing altogether has its reason, and others are shown without their ratio to it', () => {
  const missing = { missing: 'cc is not installed' };
  const [{ rows }] = report([sample(1, 'yardstick', 0, missing), sample(1, 'ours', 5)], () => 'yardstick');
  expect(rows).toMatchObject([
    { '': 'yardstick', 'lines/s': '-', 'lines × yardstick': '-', note: 'cc is not installed' },
    { '': 'ours', 'lines/s': '5 (5 to 5)', 'lines × yardstick': '-', note: '' },
  ]);
});
