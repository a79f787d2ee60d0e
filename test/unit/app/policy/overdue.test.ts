import { expect, test } from 'vitest';
import { Overdue } from '../../../../src/app/policy/overdue.js';

const all = [{ name: 'a' }, { name: 'b' }] as const;
const [a, b] = all;

test('what waits as long as it may is overdue, from when it was first seen', () => {
  const overdue = new Overdue<object>(1000);
  expect(overdue.look([a], () => true, 500)).toEqual([]);
  expect(overdue.look(all, () => true, 1499)).toEqual([]);
  expect(overdue.look(all, () => true, 1500)).toEqual([a]);
  expect(overdue.look([b], () => true, 2499)).toEqual([b]);
});

test('one that did not wait in between begins anew', () => {
  const overdue = new Overdue<object>(1000);
  overdue.look([a], () => true, 0);
  overdue.look([a], () => false, 900);
  expect(overdue.look([a], () => true, 1000)).toEqual([]);
  expect(overdue.look([a], () => true, 2000)).toEqual([a]);
});
