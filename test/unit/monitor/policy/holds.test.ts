import { expect, test } from 'vitest';
import { Holds } from '../../../../src/monitor/policy/holds.js';

const request = (cause: 'open' | 'failed', ...destinations: string[]) => {
  return { cause, connects: destinations.map((destination) => ({ destination })) };
};

test('named destinations are held from the start', () => {
  expect(new Holds(['DB:1']).plan(1)).toEqual({ hold: ['db:1'], mayAskToHold: true });
});

test('a generation is loaded once more, and no further time', () => {
  const holds = new Holds(['DB:1']);
  expect(holds.ask(1, request('open', 'redis:2', 'redis:2'))).toBe(true);
  expect(holds.plan(1)).toEqual({ hold: ['db:1', 'redis:2'], mayAskToHold: false });
  expect(holds.ask(1, request('open', 'queue:3'))).toBe(false);
});

test('what was held is held by those after it, once it was loaded so, and new ones cost one load more', () => {
  const holds = new Holds(['auto']);
  holds.ask(1, request('open', 'db:1'));
  expect(holds.plan(2)).toEqual({ hold: [], mayAskToHold: true });
  holds.loaded(1);
  expect(holds.plan(2)).toEqual({ hold: ['db:1'], mayAskToHold: true });
  expect(holds.ask(2, request('open', 'redis:2'))).toBe(true);
  expect(holds.plan(2)).toEqual({ hold: ['db:1', 'redis:2'], mayAskToHold: false });
  holds.loaded(2);
  expect(holds.plan(3)).toEqual({ hold: ['db:1', 'redis:2'], mayAskToHold: true });
});

test('what only could not be reached is held for that generation alone', () => {
  const holds = new Holds(['auto']);
  expect(holds.ask(1, request('failed', 'db:1'))).toBe(true);
  expect(holds.plan(1)).toEqual({ hold: ['db:1'], mayAskToHold: false });
  holds.loaded(1);
  expect(holds.plan(2)).toEqual({ hold: [], mayAskToHold: true });
});

test('switched off, nothing is held or asked for', () => {
  const holds = new Holds(['none']);
  expect(holds.plan(1)).toEqual({ hold: [], mayAskToHold: false });
  expect(holds.ask(1, request('open', 'db:1'))).toBe(false);
});
