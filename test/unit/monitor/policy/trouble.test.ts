import { expect, test } from 'vitest';
import { Trouble } from '../../../../src/monitor/policy/trouble.js';

test('what fails again and again is told of when it begins and when it is over', () => {
  const trouble = new Trouble('cannot fork', 'forks again');
  expect(trouble.over(0)).toBeUndefined();
  expect(trouble.failed('EMFILE', 1000)).toBe('cannot fork: EMFILE');
  expect(trouble.failed('EMFILE', 1500)).toBeUndefined();
  expect(trouble.over(3500)).toBe('forks again, after 2 failures in 2.5 s');
  expect(trouble.over(3600)).toBeUndefined();
  expect(trouble.failed('ENFILE', 4000)).toBe('cannot fork: ENFILE');
  expect(trouble.over(4100)).toBe('forks again, after one failure in 0.1 s');
});
