import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markOf } from '../../../src/monitor/status-mark.js';
import { HistoryRing, INTERVAL, Marks, SPAN } from '../../../src/status/history.js';
import { pointOf } from '../../../src/status/recorder.js';
import { NOW, samplePoint, sampleStatus, sampleWorker } from './sample.js';

const times = (ring: HistoryRing, told?: number) => ring.since(told).points.map(({ time }) => time);

test('the ring keeps the last points, and tells each one once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.nat(12), { maxLength: 12 }), (size, bursts) => {
      const ring = new HistoryRing(1000, size);
      const heard: number[] = [];
      let added = 0;
      for (const burst of bursts) {
        const told = ring.added;
        for (let i = 0; i < burst; i++) ring.add(samplePoint({ time: added++ }));
        const all = Array.from({ length: added }, (_, time) => time);
        expect(times(ring)).toEqual(all.slice(-size));
        heard.push(...times(ring, told));
        expect(times(ring, told)).toEqual(all.slice(told).slice(-size));
      }
      expect(new Set(heard).size).toBe(heard.length);
    }),
  );
});

test('as usual it holds 15 minutes', () => {
  const ring = new HistoryRing();
  for (let i = 0; i < 1000; i++) ring.add(samplePoint({ time: i * INTERVAL }));
  const { interval, points } = ring.since();
  expect(interval).toBe(5000);
  expect(points).toHaveLength(180);
  expect((points.at(-1)?.time ?? 0) - (points[0]?.time ?? 0)).toBe(SPAN - INTERVAL);
});

test('however much happens between two points, there is one mark of each type', () => {
  const marks = new Marks();
  for (let i = 1; i <= 1000; i++) marks.add({ type: 'died', time: i, text: `worker ${i} died` });
  marks.add({ type: 'reload begins', time: 500, text: 'it begins' });
  expect(marks.take()).toEqual([
    { type: 'reload begins', time: 500, text: 'it begins', count: 1 },
    { type: 'died', time: 1000, text: 'worker 1000 died', count: 1000 },
  ]);
  expect(marks.take()).toEqual([]);
});

test('a point has what is so now, and what changed since the one before', () => {
  const first = { status: sampleStatus(), served: 10_000 };
  expect(pointOf(first, undefined)).toEqual({
    time: NOW,
    requests: null,
    connections: 6,
    memory: 40 * 2 ** 20,
    loopDelay: 12,
    ready: 2,
    forked: 0,
  });
  const counters = { forked: 7, died: 2, killed: 0, reloads: 1 };
  const late = sampleWorker(1, { pid: 300, silence: 2500 });
  const later = { ...sampleStatus({ counters }, [sampleWorker(0), late]), time: NOW + 4000 };
  const point = pointOf({ status: later, served: 10_130 }, first);
  expect(point).toMatchObject({ time: NOW + 4000, requests: 32.5, forked: 3, loopDelay: 2500 });
  // Memory was not looked at, or may not be seen.
  const unseen = { ...later, monitor: { pid: 100, usage: null } };
  expect(pointOf({ status: unseen, served: 0 }, first)).toMatchObject({ memory: null, requests: 0 });
  const empty = { status: sampleStatus({}, []), served: 10_000 };
  expect(pointOf(empty, first)).toMatchObject({ requests: null, connections: 0, loopDelay: 0, ready: 0 });
});

test('deaths and reloads are marked, what was asked for is not', () => {
  const who = { slot: 2, generation: 1, pid: 77 };
  expect(markOf({ type: 'worker died', how: 'SIGKILL', expected: false, ...who })).toEqual({
    type: 'died',
    text: 'worker 2 (pid 77) died (SIGKILL)',
  });
  expect(markOf({ type: 'worker died', how: 'status 0', expected: true, ...who })).toBeUndefined();
  expect(markOf({ type: 'worker killed', reason: 'it hangs', ...who })?.text).toBe(
    'worker 2 (pid 77) is killed: it hangs',
  );
  expect(markOf({ type: 'zygote died', how: 'SIGSEGV', generation: 1, pid: 5 })?.type).toBe('died');
  for (const type of ['reload begins', 'reloaded'] as const) expect(markOf({ type, generation: 3 })?.type).toBe(type);
  expect(markOf({ type: 'stopping', reason: 'SIGTERM' })).toBeUndefined();
  const long = markOf({ type: 'reload failed', generation: 3, reason: `\x1b[31m${'x'.repeat(100_000)}` });
  expect(long?.text).toMatch(/^the reload as generation 3 failed: \\x1b\[31mx+… \(\d+ bytes\)$/);
  expect(long?.text.length).toBeLessThan(300);
});
