import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Leaving } from '../../../../src/app/policy/leaving.js';

test('without listeners of the app: it drains, and exits when the last client is gone', () => {
  const leaving = new Leaving();
  expect(leaving.reason).toBe(undefined);
  expect(leaving.ordered('replaced', false)).toEqual(['drain']);
  expect(leaving.reason).toBe('replaced');
  expect(leaving.late(false)).toEqual([]);
  expect(leaving.drained(false)).toEqual(['exit']);
});

test('one that drains already hears that the service stops', () => {
  const leaving = new Leaving();
  leaving.ordered('replaced', false);
  expect(leaving.ordered('stopping', false)).toEqual(['drain']);
  expect(leaving.ordered('stopping', false)).toEqual([]);
  expect(leaving.ordered('replaced', false)).toEqual([]);
  expect(leaving.reason).toBe('stopping');
});

test('an app that listens is told at once when the service stops, and ends the process itself', () => {
  const leaving = new Leaving();
  expect(leaving.ordered('stopping', true)).toEqual(['drain', 'raise']);
  expect(leaving.signalled('stopping', true)).toEqual([]);
  expect(leaving.drained(false)).toEqual([]); // Its listener was for once, and still cleans up.
});

test('an app that listens is told that it is replaced when it has answered, or when it is late', () => {
  const answered = new Leaving();
  expect(answered.ordered('replaced', true)).toEqual(['drain']);
  expect(answered.drained(true)).toEqual(['raise']);
  expect(answered.late(true)).toEqual([]);
  const late = new Leaving();
  late.ordered('replaced', true);
  expect(late.late(true)).toEqual(['raise']);
  expect(late.drained(true)).toEqual([]);
  expect(late.ordered('stopping', true)).toEqual(['drain']);
});

test('a signal that comes again without a listener has the default action: to exit once drained', () => {
  const drained = new Leaving();
  drained.signalled('stopping', true);
  expect(drained.drained(true)).toEqual([]);
  expect(drained.signalled('stopping', false)).toEqual(['exit']);
  const busy = new Leaving();
  busy.signalled('replaced', true);
  expect(busy.signalled('replaced', false)).toEqual([]);
  expect(busy.drained(false)).toEqual(['exit']);
});

test('what the app has got from its group is not told again, and what it was told is not from its group', () => {
  const first = new Leaving();
  expect(first.signalled('replaced', true)).toEqual(['drain']);
  expect(first.ordered('stopping', true)).toEqual(['drain']);
  expect(first.isEcho()).toBe(false);
  const second = new Leaving();
  second.ordered('stopping', true);
  expect(second.isEcho()).toBe(true);
  expect(second.isEcho()).toBe(false);
  const quiet = new Leaving();
  quiet.ordered('stopping', false);
  expect(quiet.isEcho()).toBe(false);
});

test('whatever happens, the app is told at most once, and without its listeners the worker exits when drained', () => {
  const listens = fc.boolean();
  const reason = fc.constantFrom('replaced' as const, 'stopping' as const);
  const event = fc.oneof(
    fc.tuple(fc.constant('ordered' as const), reason, listens),
    fc.tuple(fc.constant('signalled' as const), reason, listens),
    fc.tuple(fc.constant('late' as const), listens),
    fc.tuple(fc.constant('drained' as const), listens),
  );
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const leaving = new Leaving();
      const steps = events.flatMap((each) => {
        if (each[0] === 'ordered') return leaving.ordered(each[1], each[2]);
        if (each[0] === 'signalled') return leaving.signalled(each[1], each[2]);
        return each[0] === 'late' ? leaving.late(each[1]) : leaving.drained(each[1]);
      });
      expect(steps.filter((step) => step === 'raise').length).toBeLessThanOrEqual(1);
      expect(steps.filter((step) => step === 'drain').length).toBeLessThanOrEqual(2);
      const isDrained = events.some(([type]) => type === 'drained');
      expect(leaving.signalled('stopping', false).includes('exit')).toBe(isDrained);
    }),
  );
});
