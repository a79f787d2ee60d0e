import { expect, test } from 'vitest';
import { Turns } from '../../../../src/monitor/policy/turns.js';

const ERROR = { name: 'Error', message: 'no such table' };

const worker = (bornAt = 0, generation = 1) => ({ generation, bornAt });

test('the first one runs, the others wait until it is done', () => {
  const turns = new Turns();
  const [first, second] = [worker(), worker()];
  expect(turns.ask(first, 'a')).toEqual({ turn: 'run' });
  expect(turns.ask(second, 'a')).toEqual({ turn: 'wait' });
  expect(turns.ask(first, 'a')).toEqual({ turn: 'wait' });
  turns.ended(first, 'a', undefined, 1);
  for (const each of [first, second, worker(2)]) expect(turns.ask(each, 'a')).toEqual({ turn: 'done' });
});

test('each name and each generation has a turn of its own', () => {
  const turns = new Turns();
  expect(turns.ask(worker(), 'a')).toEqual({ turn: 'run' });
  expect(turns.ask(worker(), 'b')).toEqual({ turn: 'run' });
  expect(turns.ask(worker(0, 2), 'a')).toEqual({ turn: 'run' });
  turns.prune(2);
  expect(turns.ask(worker(), 'a')).toEqual({ turn: 'run' });
  expect(turns.ask(worker(0, 2), 'a')).toEqual({ turn: 'wait' });
});

test('one that dies hands its turn on, and its end does not count any more', () => {
  const turns = new Turns();
  const [first, second] = [worker(), worker()];
  turns.ask(first, 'a');
  turns.gone(first);
  expect(turns.ask(second, 'a')).toEqual({ turn: 'run' });
  turns.ended(first, 'a', undefined, 1);
  expect(turns.ask(worker(), 'a')).toEqual({ turn: 'wait' });
});

test('a failure is told once to each that was there; who came later, or asks again, tries', () => {
  const turns = new Turns();
  const [first, second, third] = [worker(), worker(), worker()];
  turns.ask(first, 'a');
  turns.ended(first, 'a', ERROR, 10);
  expect(turns.ask(second, 'a')).toEqual({ turn: 'failed', error: ERROR });
  const late = worker(11);
  expect(turns.ask(late, 'a')).toEqual({ turn: 'run' });
  expect(turns.ask(third, 'a')).toEqual({ turn: 'wait' });
  turns.gone(late);
  expect(turns.ask(third, 'a')).toEqual({ turn: 'failed', error: ERROR });
  expect(turns.ask(first, 'a')).toEqual({ turn: 'run' });
  turns.ended(first, 'a', undefined, 20);
  expect(turns.ask(second, 'a')).toEqual({ turn: 'done' });
});
