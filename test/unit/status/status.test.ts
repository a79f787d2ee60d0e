import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpuTime, parseRollup, readUsage } from '../../../src/proc/usage.js';
import { condition, delayOf, reloadText, requestRates } from '../../../src/status/figures.js';
import { collect, memoryOf } from '../../../src/status/index.js';
import { processesOf, type UsageOf } from '../../../src/status/status.js';
import { duration, rate } from '../../../src/util/quantities.js';
import { NOW, sampleSnapshot, sampleStatus, sampleWorker, USAGE } from './sample.js';

test('a process has memory and processor time, as the kernel counts them', () => {
  const before = process.cpuUsage();
  const usage = readUsage(process.pid);
  const { rss } = process.memoryUsage();
  expect(usage?.rss).toBeGreaterThan(rss / 2);
  expect(usage?.rss).toBeLessThan(rss * 2);
  expect(usage?.pss).toBeLessThanOrEqual(usage?.rss ?? 0);
  expect(usage?.private).toBeLessThanOrEqual(usage?.pss ?? 0);
  expect(usage?.private).toBeGreaterThan(0);
  // In ticks of 10 ms, of user and system each.
  expect(usage?.cpu).toBeGreaterThan((before.user + before.system) / 1000 - 20);
  expect(readUsage(2 ** 22 + 1)).toBeUndefined();
  expect(memoryOf(2 ** 22 + 1)).toEqual({ pss: 0, rss: 0, private: 0, inFull: false });
});

test('what /proc says is read field by field, whatever the program is called', () => {
  const rollup =
    'ab-cd ---p 0 00:00 0 [rollup]\nRss:   100 kB\nPss:   50 kB\nPrivate_Clean:  4 kB\nPrivate_Dirty:   6 kB\n';
  expect(parseRollup(rollup)).toEqual({ rss: 102_400, pss: 51_200, private: 10_240 });
  const numbers = Array.from({ length: 49 }, (_, index) => index + 4).join(' ');
  expect(cpuTime(`7 (a) S 1 (b) S ${numbers}`)).toBe((14 + 15) * 10);
  expect(cpuTime(readFileSync('/proc/self/stat', 'latin1'))).toBeGreaterThan(0);
});

test('children that have ended are left out, those that nobody may look at are not', () => {
  const workers = [sampleWorker(0), sampleWorker(1), sampleWorker(2, { pid: 0, state: 'booting' }), sampleWorker(3)];
  const usages: Record<number, ReturnType<UsageOf>> = { 100: USAGE, 200: USAGE, 203: null };
  const snapshot = sampleSnapshot({}, workers);
  const status = collect(snapshot, (pid) => usages[pid]);
  expect(processesOf(snapshot)).toEqual([100, 101, 200, 201, 203]);
  expect(status.zygote).toBeNull();
  expect(status.workers.map(({ slot, usage }) => [slot, usage])).toEqual([
    [0, USAGE],
    [2, null],
    [3, null],
  ]);
  expect(status.totals).toEqual({
    ready: 2,
    connections: 9,
    accepted: 120,
    requests: 15_000,
    pss: 2 * USAGE.pss,
    cpu: 2 * USAGE.cpu,
  });
});

test('a worker is told from the one whose record it took over, and requests are per second between two looks', () => {
  const earlier = sampleStatus({}, [sampleWorker(0), sampleWorker(1)]);
  const workers = [sampleWorker(0, { requests: 5500 }), sampleWorker(1, { pid: 999, requests: 30 }), sampleWorker(2)];
  const later = { ...sampleStatus({}, workers), time: NOW + 2000 };
  expect([...requestRates(later, earlier)]).toEqual([
    [0, 250],
    [1, 15],
    [2, 2500],
  ]);
  expect(requestRates(later, undefined).size).toBe(0);
  expect(requestRates(later, later).size).toBe(0);
});

test.each([
  ['serving', {}],
  ['short of workers', { target: 3 }],
  ['reloading', { reload: { state: 'running', generation: 3 } }],
  ['stopping', { stopping: true }],
] as const)('the service is %s', (expected, changes) => {
  expect(condition(sampleStatus(changes))).toBe(expected);
});

test('without a worker that is ready, the service is not ready', () => {
  expect(condition(sampleStatus({}, [sampleWorker(0, { state: 'booting' })]))).toBe('not ready');
});

test('a reload is worth a word while it runs, and after it failed', () => {
  expect(reloadText(sampleStatus())).toBeUndefined();
  expect(reloadText(sampleStatus({ reload: { state: 'done', generation: 3 } }))).toBeUndefined();
  expect(reloadText(sampleStatus({ reload: { state: 'running', generation: 3 } }))).toBe('reloading as generation 3');
  const failed = { state: 'failed', generation: 3, reason: 'it ended' } as const;
  expect(reloadText(sampleStatus({ reload: failed }))).toBe('the reload as generation 3 failed: it ended');
});

test('a loop that stands still is as late as it is silent', () => {
  const [worker] = sampleStatus().workers;
  if (worker === undefined) throw new Error('there is one');
  expect(delayOf({ ...worker, silence: 500, loopDelay: 7 })).toBe(7);
  expect(delayOf({ ...worker, silence: null, loopDelay: 7 })).toBe(7);
  expect(delayOf({ ...worker, silence: 9000, loopDelay: 7 })).toBe(9000);
});

test.each([
  [0, '0s'],
  [-5, '0s'],
  [59_999, '59s'],
  [60_000, '1m 0s'],
  [3_600_000, '1h 0m'],
  [90_061_000, '1d 1h'],
])('%s ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('a duration is never longer than two units, and loses less than its smaller one', () => {
  const units = { d: 86_400, h: 3600, m: 60, s: 1 };
  fc.assert(
    fc.property(fc.nat({ max: 1e12 }), (ms) => {
      const parts = duration(ms).split(' ');
      const values = parts.map((part) => Number.parseInt(part, 10) * units[part.at(-1) as keyof typeof units]);
      const smallest = units[parts.at(-1)?.at(-1) as keyof typeof units];
      const told = values.reduce((a, b) => a + b, 0);
      expect(parts.length).toBeLessThanOrEqual(2);
      expect(ms / 1000 - told).toBeGreaterThanOrEqual(0);
      expect(ms / 1000 - told).toBeLessThan(smallest);
    }),
  );
});

test.each([
  [undefined, '–'],
  [0, '0'],
  [0.25, '0.3'],
  [12_345.6, '12,346'],
])('a rate of %s is %s', (value, text) => {
  expect(rate(value)).toBe(text);
});
