import { expect, test } from 'vitest';
import { isAllowed } from '../../../../src/monitor/policy/listen-rights.js';
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

test.each([
  [{ port: 80 }, [{ port: 80 }], true],
  [{ host: '127.0.0.1', port: 80 }, [{ port: 80 }], true],
  [{ port: 80 }, [{ host: '127.0.0.1', port: 80 }], false],
  [{ host: '::1', port: 80 }, [{ host: '127.0.0.1', port: 80 }], false],
  [{ port: 0 }, [{ port: 0 }], false],
  [{ path: '/run/app' }, [{ path: '/run/app' }], true],
  [{ path: '/run/app2' }, [{ path: '/run/app' }, { port: 80 }], false],
  [{ port: 81 }, [], false],
] as const)('%j with %j allowed: %s', (address, allowed, expected) => {
  expect(isAllowed(address, allowed)).toBe(expected);
});
