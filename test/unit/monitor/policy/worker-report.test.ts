import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkReport, type Figures, whatIsLeft } from '../../../../src/monitor/policy/worker-report.js';

const NOW = 1_000_000;
const TRUE: Figures = { connections: 3, accepted: 10, requests: 20, heartbeat: 5000, loopDelay: 4, busy: 0.5 };
const anything = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 2 ** 60));
const figures = fc.record({
  connections: anything,
  accepted: anything,
  requests: anything,
  heartbeat: anything,
  loopDelay: anything,
  busy: anything,
});

test('what can be true is believed', () => {
  const said = { connections: 0, accepted: 11, requests: 20, heartbeat: NOW, loopDelay: 0, busy: 1 };
  expect(checkReport(TRUE, said, NOW)).toEqual(said);
});

test.each([
  ['connections', -1],
  ['connections', 0.5],
  ['accepted', 9],
  ['requests', Number.NaN],
  ['heartbeat', NOW + 1],
  ['heartbeat', 4999],
  ['heartbeat', Number.NaN],
  ['loopDelay', Number.POSITIVE_INFINITY],
  ['busy', 1.01],
] as const)('of %s, %d is not believed: it stays as it was', (name, value) => {
  expect(checkReport(TRUE, { ...TRUE, [name]: value }, NOW)).toEqual(TRUE);
});

test('whatever a worker says, counts do not go back and nothing is in the future', () => {
  fc.assert(
    fc.property(fc.array(figures), (all) => {
      let before = TRUE;
      for (const said of all) {
        const found = checkReport(before, said, NOW);
        for (const value of Object.values(found)) expect(Number.isFinite(value) && value >= 0).toBe(true);
        expect(found.accepted).toBeGreaterThanOrEqual(before.accepted);
        expect(found.requests).toBeGreaterThanOrEqual(before.requests);
        expect(found.heartbeat).toBeGreaterThanOrEqual(before.heartbeat);
        expect(found.heartbeat).toBeLessThanOrEqual(NOW);
        expect(found.busy).toBeLessThanOrEqual(1);
        before = found;
      }
    }),
  );
});

test.each([
  [0, 'it has no client left, but the app, which listens for SIGTERM, does not end'],
  [1, 'one connection is still open'],
  [2, '2 connections are still open'],
])('what a worker with %i connections still has', (connections, text) => {
  expect(whatIsLeft(connections)).toBe(text);
});
