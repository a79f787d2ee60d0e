import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timerStart } from '../../../../src/app/policy/timer-start.js';

const REST = 100_000;
const HOUR = 3_600_000;

test.each([
  [
    'a connect timeout of 10 s keeps its distance',
    { start: 95_000, duration: 10_000, repeats: false },
    HOUR,
    95_000 + HOUR,
  ],
  ['so does a short interval', { start: 99_000, duration: 1000, repeats: true }, HOUR, 99_000 + HOUR],
  ['one of a minute, too', { start: REST, duration: 60_000, repeats: false }, HOUR, REST + HOUR],
  ['a longer one keeps its due time', { start: 95_000, duration: 60_001, repeats: false }, 5000, 95_000],
  ['also when it is overdue', { start: 95_000, duration: 120_000, repeats: false }, HOUR, 95_000],
  ['a longer interval keeps its due time', { start: 95_000, duration: 2 * HOUR, repeats: true }, HOUR, 95_000],
  ['one that is overdue goes on from now', { start: 95_000, duration: 300_000, repeats: true }, HOUR, REST + HOUR],
])('%s', (_, timer, stood, expected) => {
  expect(timerStart(timer, REST, REST + stood)).toBe(expected);
});

test('no timer starts later than now, and those of one duration keep their order', () => {
  const time = fc.nat(2 * HOUR);
  fc.assert(
    fc.property(fc.tuple(time, time), time, time, fc.boolean(), (starts, duration, stood, repeats) => {
      const rest = Math.max(...starts);
      const now = rest + stood;
      const [a, b] = [Math.min(...starts), rest].map((start) =>
        timerStart({ start, duration, repeats }, rest, now),
      ) as [number, number];
      expect(Math.max(a, b)).toBeLessThanOrEqual(now);
      expect(a <= b || a === now).toBe(true);
    }),
  );
});
