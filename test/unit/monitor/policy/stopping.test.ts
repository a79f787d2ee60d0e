import { expect, test } from 'vitest';
import { requestStop } from '../../../../src/monitor/policy/stopping.js';

const GRACEFUL = { status: 0, quick: false };
const QUICK = { status: 130, quick: true };

test('the first request begins the end, with its exit status', () => {
  expect(requestStop(undefined, QUICK, 5)).toEqual({ stopping: { status: 130, quick: true, since: 5 }, step: 'begin' });
});

test('a graceful end becomes a quick one, and keeps its status', () => {
  const { stopping } = requestStop(undefined, GRACEFUL, 5);
  expect(requestStop(stopping, GRACEFUL, 6)).toEqual({ stopping, step: 'nothing' });
  expect(requestStop(stopping, QUICK, 7)).toEqual({ stopping: { status: 0, quick: true, since: 7 }, step: 'hurry' });
});

test.for([GRACEFUL, QUICK])('a quick one kills who is left when %o is asked for', (request) => {
  const { stopping } = requestStop(undefined, QUICK, 5);
  expect(requestStop(stopping, request, 6)).toEqual({ stopping, step: 'kill' });
});
