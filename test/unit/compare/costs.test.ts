import { expect, test } from 'vitest';
import { sumOfCalls } from '../../../src/compare/instruments/strace.js';
import { complaintIn } from '../../../src/compare/program.js';

const HEAD = [
  'strace: Process 11373 attached with 11 threads',
  'strace: Process 11380 attached',
  'strace: Process 11373 detached',
  '% time     seconds  usecs/call     calls    errors syscall',
  '------ ----------- ----------- --------- --------- ----------------',
];

test('the calls of strace’s table are summed up, with and without a sum for each call in its last row', () => {
  const rows = [
    ' 64.52    0.000420           2       183        91 read',
    ' 30.11    0.000196           9        21           epoll_pwait',
    '  5.38    0.000035           0   1234567         7 futex',
    '------ ----------- ----------- --------- --------- ----------------',
  ];
  const sum = 183 + 21 + 1_234_567;
  expect(sumOfCalls([...HEAD, ...rows, '100.00    0.000651           0   1234771        98 total'])).toBe(sum);
  expect(sumOfCalls([...HEAD, ...rows, '100.00    0.000651               1234771        98 total'])).toBe(sum);
});

test('a table that is not there is an error with what strace said', () => {
  const refused = 'strace: attach: ptrace(PTRACE_SEIZE, 7): Operation not permitted';
  expect(() => sumOfCalls([refused])).toThrow(refused);
});

test('of what a failed program has said the line is given that says why', () => {
  const stack = 'file:///a.js:3\n  x\n  ^\n\nRangeError [ERR_X]: too much\n    at y (z.js:1:1)\n\nNode.js v20.0.0\n';
  expect(complaintIn(stack)).toBe('RangeError [ERR_X]: too much');
  expect(complaintIn('first\nlast\n')).toBe('last');
  expect(complaintIn('')).toBe('it said nothing');
});
