import { describe, expect, it, test } from 'vitest';
import {
  CrashHistory,
  CrashRate,
  isCrashLoop,
  MAX_BOOT_FAILURES,
  RETRY_FOR_MS,
} from '../../../src/util/crash-history.js';

const EARLY = { uptimeMs: 0, served: false };

describe('CrashHistory', () => {
  it('pauses longer after each early death in a row but the first', () => {
    const history = new CrashHistory();
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((count) => {
      expect(history.died(2, EARLY, 1000).count).toBe(count);
      return (history.notBefore[2] ?? 0) - 1000;
    });
    expect(pauses).toEqual([0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it.each([
    ['served a client', { uptimeMs: 0, served: true }],
    ['lived for a second', { uptimeMs: 1000, served: false }],
  ])('begins anew with a worker that %s', (_, well) => {
    const history = new CrashHistory();
    for (let i = 0; i < 5; i++) history.died(0, EARLY, 0);
    expect(history.died(0, well, 7).count).toBe(0);
    expect(history.notBefore[0]).toBe(7);
    expect(history.died(0, { uptimeMs: 999, served: false }, 8)).toEqual({ count: 1, since: 8 });
    expect(history.died(0, EARLY, 9)).toEqual({ count: 2, since: 8 });
  });

  it('pauses longer after each fork that failed, from the first on, until one succeeds', () => {
    const history = new CrashHistory();
    const fail = () => {
      history.forkFailed(0, 1000);
      return (history.notBefore[0] ?? 0) - 1000;
    };
    expect([fail(), fail(), fail()]).toEqual([100, 200, 400]);
    expect(history.died(0, EARLY, 1000).count).toBe(1);
    history.forked(0);
    expect(fail()).toBe(100);
  });

  it('keeps slots apart', () => {
    const history = new CrashHistory();
    history.died(0, EARLY, 0);
    history.died(0, EARLY, 0);
    expect(history.died(1, EARLY, 0).count).toBe(1);
    expect(history.notBefore).toEqual([100, 0]);
  });
});

test.each([
  ['never served', MAX_BOOT_FAILURES, 0, { hasServed: false, hasReadyWorker: false }, true],
  ['never served', MAX_BOOT_FAILURES - 1, 0, { hasServed: false, hasReadyWorker: false }, false],
  ['never served in full', MAX_BOOT_FAILURES, RETRY_FOR_MS, { hasServed: false, hasReadyWorker: true }, false],
  ['served', MAX_BOOT_FAILURES, RETRY_FOR_MS - 1, { hasServed: true, hasReadyWorker: false }, false],
  ['served', MAX_BOOT_FAILURES, RETRY_FOR_MS, { hasServed: true, hasReadyWorker: false }, true],
  ['served', MAX_BOOT_FAILURES - 1, RETRY_FOR_MS, { hasServed: true, hasReadyWorker: false }, false],
  [
    'served, and does with some worker',
    MAX_BOOT_FAILURES,
    RETRY_FOR_MS,
    { hasServed: true, hasReadyWorker: true },
    false,
  ],
])('a service that has %s, after %i failures in %i ms', (_, count, duration, service, expected) => {
  expect(isCrashLoop({ count, since: 1000 }, service, 1000 + duration)).toBe(expected);
});

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
