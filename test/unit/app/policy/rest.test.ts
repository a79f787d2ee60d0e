import { expect, test } from 'vitest';
import { collectionPays, Rest } from '../../../../src/app/policy/rest.js';

const MIB = 2 ** 20;
const MINUTE = 60_000;

test('a rest is over a minute long, and counts once', () => {
  const rest = new Rest(() => 0);
  const due = (now: number) => rest.isDue({ now, requests: 7, busy: 0 });
  expect([0, MINUTE - 1, MINUTE, MINUTE + 500, 10 * MINUTE].map(due)).toEqual([false, false, true, false, false]);
});

test('siblings that rest at the same time are due apart', () => {
  const rest = new Rest(() => 0.5);
  const due = (now: number) => rest.isDue({ now, requests: 7, busy: 0 });
  expect([0, MINUTE, 1.5 * MINUTE].map(due)).toEqual([false, false, true]);
});

test.each([
  ['a request', { requests: 8, busy: 0 }],
  ['work that is no request', { requests: 7, busy: 0.11 }],
])('%s begins it anew', (_, seen) => {
  const rest = new Rest(() => 0);
  rest.isDue({ now: 0, requests: 7, busy: 0 });
  expect(rest.isDue({ now: MINUTE, ...seen })).toBe(false);
  const due = (now: number) => rest.isDue({ now, requests: seen.requests, busy: 0 });
  expect([MINUTE + 1, 2 * MINUTE].map(due)).toEqual([false, true]);
});

test('a worker that has never served is never due', () => {
  expect(new Rest().isDue({ now: 10 * MINUTE, requests: 0, busy: 0 })).toBe(false);
});

test.each([
  { own: 15, all: 60, least: 0, pays: false },
  { own: 16, all: 60, least: 0, pays: true },
  { own: 30, all: 60, least: 15, pays: false },
  { own: 31, all: 60, least: 15, pays: true },
  { own: 249, all: 2000, least: 0, pays: false },
  { own: 250, all: 2000, least: 0, pays: true },
])('with $own MiB of $all, and $least after the last one, a collection pays: $pays', ({ own, all, least, pays }) => {
  expect(collectionPays({ private: own * MIB, rss: all * MIB }, least * MIB)).toBe(pays);
});
