import { expect, test } from 'vitest';
import { LineRate, logText, withSuppressed } from '../../../../src/monitor/policy/log-lines.js';

test('a text of several lines is one event in the log, without control characters', () => {
  expect(logText('one')).toBe('one');
  expect(logText('reasons:\n  first\nsecond\x1b[2J\n[prefork] forged')).toBe(
    'reasons:\n  first\n  second\\x1b[2J\n  [prefork] forged',
  );
});

test('what is too long is cut, in length and in lines', () => {
  expect(logText('x'.repeat(1_000_000)).length).toBeLessThan(5000);
  const lines = logText('a\n'.repeat(100_000)).split('\n');
  expect(lines).toHaveLength(101);
  expect(lines.at(-1)).toBe('  … (100001 lines)');
});

test('lines that come too fast are counted, and there is room again later', () => {
  const rate = new LineRate();
  const taken = Array.from({ length: 100 }, () => rate.take(0)).filter((each) => each !== false);
  expect(taken).toHaveLength(50);
  expect(rate.take(150)).toBe(false);
  expect(rate.take(1000)).toBe(51);
  expect(rate.take(1000)).toBe(0);
  expect(withSuppressed('x', 51)).toBe('x (51 lines before it were not logged: they came too fast)');
});
