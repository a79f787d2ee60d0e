import { expect, test } from 'vitest';
import { CrashRate } from '../../../../src/monitor/policy/crash-rate.js';

const LIMIT = 3;

test('as many deaths within a minute as are allowed have no consequence', () => {
  const crashes = new CrashRate();
  for (const now of [0, 10, 20]) expect(crashes.died(LIMIT, now)).toBe(false);
  expect(crashes.notBefore(LIMIT)).toBe(0);
});

test('one more, and nothing is forked until only the allowed number lies within a minute; it is told once', () => {
  const crashes = new CrashRate();
  const told = [0, 10, 20, 30, 40].map((now) => crashes.died(LIMIT, now));
  expect(told).toEqual([false, false, false, true, false]);
  expect(crashes.notBefore(LIMIT)).toBe(60_020);
});

test('deaths of more than a minute ago do not count', () => {
  const crashes = new CrashRate();
  for (const now of [0, 10, 20, 60_000, 60_010]) crashes.died(LIMIT, now);
  expect(crashes.notBefore(LIMIT)).toBe(0);
});

test('without a limit any number may die', () => {
  const crashes = new CrashRate();
  for (let now = 0; now < 100; now++) expect(crashes.died(0, now)).toBe(false);
  expect(crashes.notBefore(0)).toBe(0);
});
