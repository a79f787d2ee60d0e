import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { History, Mark } from '../../../src/status/history.js';
import { renderHtml } from '../../../src/status/index.js';
import { barPath, edges, linePath, newest, xOf, yOf } from '../../../src/status/page/plot.js';
import { NOW, samplePoint, sampleStatus } from './sample.js';

const SCALE = { from: 0, to: 3000, most: 50 };
const MINUTE = 60_000;
const died: Mark = { type: 'died', time: NOW - 1000, count: 1, text: 'worker 0 (pid 7) died (SIGKILL)' };

/** The page's part with the plots. */
function plotsOf(history: History): string {
  const [text = ''] = /<section class="history".*?<\/section>/s.exec(renderHtml(sampleStatus(), history)) ?? [];
  return text;
}

test('time goes to the right, values go up, and all are within the plot', () => {
  expect([xOf(SCALE, 0), xOf(SCALE, 1500), xOf(SCALE, 3000)]).toEqual([0, 150, 300]);
  expect([yOf(SCALE, 0), yOf(SCALE, 25), yOf(SCALE, 50)]).toEqual([60, 30, 0]);
  expect(yOf({ ...SCALE, most: 0 }, 0)).toBe(60);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e15, noNaN: true }), { minLength: 1 }), (values) => {
      const most = Math.max(...values);
      for (const value of values) {
        const y = yOf({ ...SCALE, most }, value);
        expect(y >= 0 && y <= 60).toBe(true);
      }
    }),
  );
});

test('a line goes through what is known, and not over a gap', () => {
  const values = [0, 1000, null, 1500, 3000].map((time, index) => ({ time: time ?? 1200, value: time && index * 10 }));
  expect(linePath(SCALE, values, 1000)).toBe('M0 60l0 0L100 48L150 24M300 12l0 0');
  expect(linePath(SCALE, [{ time: -1, value: 1 }], 1000)).toBe('');
  expect(barPath(SCALE, values)).toBe('M100 60V48M150 60V24M300 60V12');
  expect(newest([...values, { time: 3001, value: null }])).toBe(40);
  expect(newest([])).toBeNull();
});

test('the plots end with the newest point, and show no more than there is, or is asked for', () => {
  const between = (from: number, to: number) =>
    edges([samplePoint({ time: from }), samplePoint({ time: to })], 50, 500);
  expect(between(1000, 1200)).toEqual({ from: 1000, to: 1200 });
  expect(between(1000, 1010)).toEqual({ from: 960, to: 1010 });
  expect(between(1000, 9000)).toEqual({ from: 8500, to: 9000 });
  // The clock was set back.
  expect(between(1200, 1000)).toEqual({ from: 1000, to: 1200 });
});

test('before the first point the page says when there will be plots', () => {
  const text = plotsOf({ interval: 5000, points: [] });
  expect(text).toContain('after 5 seconds');
  expect(text).not.toContain('<svg');
});

test('each plot says in a sentence what it shows, and the table has it by the minute', () => {
  const points = [
    samplePoint({ time: NOW - 2 * MINUTE, requests: 5, forked: 1, memory: 2 ** 20 }),
    samplePoint({ time: NOW - 1000, requests: 80, forked: 2, memory: null }),
    samplePoint({ time: NOW, requests: 20, forked: 1, memory: null }),
  ];
  const text = plotsOf({ interval: 5000, points });
  expect(text.match(/<svg /g)).toHaveLength(5);
  expect(text).toContain('aria-label="requests/s in the last 15 minutes: 20 at last, at most 80"');
  expect(text).toContain('aria-label="memory (PSS) in the last 15 minutes: 1.0 MiB at last, at most 1.0 MiB"');
  expect(text).toContain('aria-label="workers forked in the last 15 minutes: 4 in all"');
  expect(text).toContain('No process died, and nothing was reloaded.');
  const rows = text.match(/<tr><td.*?<\/tr>/gs)?.map((row) => row.match(/(?<=>)[^<]+(?=<\/td>)/g));
  expect(rows).toEqual([
    ['03:04', '80', '3', '–', '12 ms', '3'],
    ['03:02', '5.0', '3', '1.0 MiB', '12 ms', '1'],
  ]);
});

test('marks are lines across all plots, and sentences below them, the newest first', () => {
  const reload: Mark = { type: 'reload begins', time: NOW, count: 3, text: 'it <begins>' };
  const text = plotsOf({ interval: 5000, points: [samplePoint({ marks: [died, reload] })] });
  expect(text.match(/<line class="died"/g)).toHaveLength(5);
  expect(text.match(/<line class="begins" x1="300" x2="300"/g)).toHaveLength(5);
  expect(text).not.toContain('<begins>');
  const items = text.match(/<li .*?<\/li>/g)?.map((item) => item.replace(/<.*?>/g, ''));
  expect(items).toEqual([
    '03:04:05 it &lt;begins>, the last of 3 within seconds',
    '03:04:04 worker 0 (pid 7) died (SIGKILL)',
  ]);
  expect(text).toContain('a process died');
  expect(text).not.toContain('a reload failed');
});

test('of many marks the newest are listed, and the rest is counted', () => {
  const points = Array.from({ length: 60 }, (_, index) => samplePoint({ time: NOW + index, marks: [died] }));
  const text = plotsOf({ interval: 5000, points });
  expect(text.match(/<li /g)).toHaveLength(20);
  expect(text).toContain('and 40 older ones');
});
