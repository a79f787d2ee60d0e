import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { acceptErrorAction, acceptPause } from '../../../src/net/accept-error.js';

test('a connection that is lost before accept(2) costs nothing else', () => {
  for (const code of ['ECONNABORTED', 'EPROTO', 'ENETUNREACH']) expect(acceptErrorAction(code)).toBe('again');
});

test('what has run out is waited for, longer and longer, up to a second', () => {
  for (const code of ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']) expect(acceptErrorAction(code)).toBe('wait');
  expect([1, 2, 3, 4, 5, 100].map(acceptPause)).toEqual([100, 200, 400, 800, 1000, 1000]);
});

test('every other error of the listener ends the child, which would otherwise turn in circles', () => {
  for (const code of ['EBADF', 'EINVAL', 'ENOTSOCK', 'EOPNOTSUPP', undefined, 'toString']) {
    expect(acceptErrorAction(code)).toBe('fail');
  }
  const errors = Object.keys(constants.errno);
  expect(errors.filter((code) => acceptErrorAction(code) !== 'fail')).toHaveLength(12);
});
