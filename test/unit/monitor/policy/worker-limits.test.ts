import { expect, test } from 'vitest';
import { canRenew, exceededLimit, Renewals, tooLow } from '../../../../src/monitor/policy/worker-limits.js';

const AT_ONCE = { limit: 'memory', age: 10, atOnce: true } as const;

/** How long after each of so many lives in a row the slot's worker has to wait for its successor. */
function pauses(times: number, life: Parameters<Renewals['expired']>[1]): number[] {
  const renewals = new Renewals();
  return Array.from({ length: times }, () => {
    renewals.expired(1, life, 1000);
    return (renewals.notBefore[1] ?? 0) - 1000;
  });
}

test('workers whose memory is over the limit as soon as they serve are replaced more and more rarely', () => {
  expect(pauses(9, AT_ONCE)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  expect(pauses(2, { limit: 'memory', age: 59_999, atOnce: false })).toEqual([1000, 2000]);
});

test.each(['requests', 'lifetime'] as const)('those that reach their limit of %s at once are, too', (limit) => {
  expect(pauses(8, { limit, age: 499, atOnce: false })).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
});

test.each([
  ['requests', 500],
  ['lifetime', 500],
  ['memory', 60_000],
] as const)('a limit of %s that is reached later makes nobody wait', (limit, age) => {
  const renewals = new Renewals();
  for (let i = 0; i < 3; i++) renewals.expired(0, { ...AT_ONCE, limit }, 0);
  expect(renewals.expired(0, { limit, age, atOnce: false }, 7)).toBe(false);
  expect(renewals.notBefore[0]).toBe(7);
});

test('it is warned of once for each app that is loaded', () => {
  const renewals = new Renewals();
  const warnings = () => [0, 1, 0].map((slot) => renewals.expired(slot, AT_ONCE, 0));
  expect(warnings()).toEqual([true, false, false]);
  renewals.reset();
  expect(renewals.notBefore).toEqual([]);
  expect(warnings()).toEqual([true, false, false]);
});

test('the warning says what a new worker has used and what the limit is', () => {
  const limits = { requests: 1, memory: 50 * 2 ** 20, lifetime: 100, own: 2 ** 20 };
  const texts = (['requests', 'memory', 'lifetime', 'own'] as const).map((limit) => {
    const found = exceededLimit({ requests: 0, memory: 0, lifetime: 0, own: 0, [limit]: 2 * limits[limit] }, limits);
    return found && tooLow(found, limits, 140);
  });
  expect(texts).toEqual([
    expect.stringContaining(
      '--max-requests 1 is too low for this load: a new worker has served 2 requests 0.1 s after',
    ),
    expect.stringContaining('--max-memory 50 MiB is below what the app needs: a new worker holds 100 MiB 0.1 s after'),
    expect.stringContaining('--max-lifetime 100 ms is too short: a new worker is 200 ms old 0.1 s after'),
    expect.stringContaining(
      '--renew-memory 1 MiB is below what a new worker soon has: a new worker has 2 MiB for itself 0.1 s after',
    ),
  ]);
});

test('only an idle worker that has served long enough is renewed, and one at a time', () => {
  const idle = { age: 1000, connections: 0, others: 0 };
  expect(canRenew(idle, 1000)).toBe(true);
  for (const one of [{ age: 999 }, { connections: 1 }, { others: 1 }])
    expect(canRenew({ ...idle, ...one }, 1000)).toBe(false);
});

test('a limit of its own memory that new workers have already makes them wait for an hour in the end', () => {
  const life = { limit: 'own', age: 60_000, atOnce: true } as const;
  expect(pauses(8, life).map((each) => each / 60_000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  expect(pauses(2, { ...life, atOnce: false })).toEqual([0, 0]);
});
