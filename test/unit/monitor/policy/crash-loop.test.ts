import { expect, test } from 'vitest';
import { EARLY_ENDS, isHopeless, TRIES_ON } from '../../../../src/monitor/policy/crash-loop.js';

test.each([
  ['never served', EARLY_ENDS, 0, { hasServed: false, serves: false }, true],
  ['never served', EARLY_ENDS - 1, 0, { hasServed: false, serves: false }, false],
  ['never served in full', EARLY_ENDS, TRIES_ON, { hasServed: false, serves: true }, false],
  ['served', EARLY_ENDS, TRIES_ON - 1, { hasServed: true, serves: false }, false],
  ['served', EARLY_ENDS, TRIES_ON, { hasServed: true, serves: false }, true],
  ['served', EARLY_ENDS - 1, TRIES_ON, { hasServed: true, serves: false }, false],
  ['served, and does with some worker', EARLY_ENDS, TRIES_ON, { hasServed: true, serves: true }, false],
])('a service that has %s, after %i failures in %i ms', (_, count, duration, service, expected) => {
  expect(isHopeless({ count, since: 1000 }, service, 1000 + duration)).toBe(expected);
});
