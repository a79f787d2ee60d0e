import { expect, test } from 'vitest';
import { Reloads } from '../../../../src/monitor/policy/reloads.js';

function loaded(): Reloads {
  const reloads = new Reloads();
  reloads.ask();
  reloads.begin(2);
  reloads.loaded(2);
  return reloads;
}

test('nothing begins that nobody has asked for', () => {
  const reloads = new Reloads();
  expect(reloads.begin(2)).toBe(false);
  expect(reloads.result).toEqual({ state: 'none', generation: 0 });
});

test('a reload ends when its generation has taken over', () => {
  const reloads = new Reloads();
  reloads.ask();
  expect(reloads.begin(2)).toBe(true);
  expect(reloads.oldest).toBe(1);
  reloads.loaded(2);
  expect(reloads.oldest).toBe(2);
  reloads.takeOver();
  expect([reloads.running, reloads.taking]).toEqual([undefined, 2]);
  expect(reloads.result).toEqual({ state: 'running', generation: 2 });
  expect(reloads.done()).toBe(2);
  expect(reloads.result).toEqual({ state: 'done', generation: 2 });
  expect(reloads.done()).toBeUndefined();
});

test('one that is asked for during another begins after it, once', () => {
  const reloads = loaded();
  reloads.ask();
  reloads.ask();
  expect(reloads.begin(3)).toBe(false);
  reloads.takeOver();
  expect(reloads.begin(3)).toBe(false);
  reloads.done();
  expect(reloads.begin(3)).toBe(true);
  reloads.fail('the app failed to load');
  expect(reloads.begin(4)).toBe(false);
});

test('one that fails gives the generation before back, and says why', () => {
  const reloads = loaded();
  expect(reloads.fail('no luck')).toBe(2);
  expect(reloads.oldest).toBe(1);
  expect(reloads.result).toEqual({ state: 'failed', generation: 2, reason: 'no luck' });
  expect(reloads.fail('again')).toBeUndefined();
});

test('one that has taken over cannot fail', () => {
  const reloads = loaded();
  reloads.takeOver();
  expect(reloads.fail('too late')).toBeUndefined();
  expect(reloads.oldest).toBe(2);
});

test('the second early death is one too many, in each reload anew', () => {
  const reloads = loaded();
  expect(reloads.bootDeath()).toBe(false);
  expect(reloads.bootDeath()).toBe(true);
  reloads.fail('its workers die');
  reloads.ask();
  reloads.begin(3);
  expect(reloads.bootDeath()).toBe(false);
});

test('a zygote that takes the place of a dead one changes nothing', () => {
  const reloads = loaded();
  reloads.takeOver();
  reloads.done();
  reloads.loaded(3);
  expect(reloads.oldest).toBe(2);
});
