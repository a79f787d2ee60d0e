import { expect, test } from 'vitest';
import { LoadFailures } from '../../../../src/monitor/policy/load-failures.js';
import { MAX_BOOT_FAILURES, RETRY_FOR_MS } from '../../../../src/util/crash-history.js';

test('a first load that fails ends the service', () => {
  expect(new LoadFailures().failed({ hasServed: false, hasReadyWorker: false }, 0)).toBe(true);
});

test('later ones do when no worker serves, after several in a row and a while', () => {
  const failures = new LoadFailures();
  const fail = (now: number) => failures.failed({ hasServed: true, hasReadyWorker: false }, now);
  for (let i = 0; i < 2 * MAX_BOOT_FAILURES; i++) expect(fail(i)).toBe(false);
  failures.loaded();
  for (let i = 0; i < 2 * MAX_BOOT_FAILURES; i++) expect(fail(RETRY_FOR_MS + i)).toBe(false);
  expect(fail(2 * RETRY_FOR_MS)).toBe(true);
});

test('while workers serve it is tried for ever, ever later', () => {
  const failures = new LoadFailures();
  let before = 0;
  for (let i = 0; i < 5; i++) {
    expect(failures.failed({ hasServed: true, hasReadyWorker: true }, 1000)).toBe(false);
    expect(failures.notBefore).toBeGreaterThan(1000 + before);
    before = failures.notBefore - 1000;
  }
});

test('a zygote that could not even be started never ends a service that has served, and is tried ever later', () => {
  const failures = new LoadFailures();
  const pauses = Array.from({ length: 8 }, () => {
    expect(failures.notStarted({ hasServed: true }, 1000)).toBe(false);
    return failures.notBefore - 1000;
  });
  expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  expect(failures.failed({ hasServed: true, hasReadyWorker: false }, 0)).toBe(false);
  expect(new LoadFailures().notStarted({ hasServed: false }, 0)).toBe(true);
});
