import { expect, test } from 'vitest';
import { within } from '../../../src/util/poll.js';

test('a promise within its limit gives what it gives, beyond it nothing', async () => {
  expect(await within(60_000, Promise.resolve(7))).toBe(7);
  expect(await within(1, new Promise(() => {}))).toBeUndefined();
  await expect(within(60_000, Promise.reject(new Error('failed')))).rejects.toThrow('failed');
});
