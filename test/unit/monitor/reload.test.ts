import { expect, test } from 'vitest';
import type { MonitorEvent } from '../../../src/monitor/events.js';
import { Reloads } from '../../../src/monitor/reload.js';
import type { Settings } from '../../../src/settings/index.js';

const [one, two, three] = [1, 2, 3].map((workers) => ({ workers }) as Settings) as [Settings, Settings, Settings];

/** Reloads of a service that was started with one worker; what they tell and end. */
function reloads() {
  const events: MonitorEvent[] = [];
  const ended: number[] = [];
  const options = {
    report: (event: MonitorEvent) => events.push(event),
    endGeneration: (generation: number) => ended.push(generation),
  };
  return Object.assign(new Reloads(one, options), { events, ended });
}

/** One whose generation 2 is loaded. */
function loaded(settings = one) {
  const all = reloads();
  all.request();
  all.start(2);
  all.loaded(2, settings);
  return all;
}

test('nothing starts that was not asked for', () => {
  const all = reloads();
  all.start(2);
  expect([all.running, all.events]).toEqual([undefined, []]);
  expect(all.result).toEqual({ state: 'none', generation: 0 });
});

test('a reload is done when its generation has taken over', () => {
  const all = reloads();
  all.request();
  all.start(2);
  expect([all.running, all.oldest]).toEqual([2, 1]);
  all.loaded(2, one);
  expect(all.oldest).toBe(2);
  all.cutOver();
  expect([all.running, all.cutoverGeneration]).toEqual([undefined, 2]);
  expect(all.result).toEqual({ state: 'running', generation: 2 });
  all.finish();
  all.finish();
  expect([all.result, all.count]).toEqual([{ state: 'done', generation: 2 }, 1]);
  expect(all.events).toEqual([
    { type: 'reload begins', generation: 2 },
    { type: 'reloaded', generation: 2 },
  ]);
});

test('one that is asked for during another starts after it, once', () => {
  const all = loaded();
  all.request();
  all.request();
  all.start(3);
  expect(all.running).toBe(2);
  all.cutOver();
  all.start(3);
  expect(all.running).toBeUndefined();
  all.finish();
  all.start(3);
  expect(all.running).toBe(3);
  all.fail('the app failed to load');
  all.start(4);
  expect(all.running).toBeUndefined();
});

test('one that fails gives generation and settings before back, says why, and has its processes ended, once', () => {
  const all = loaded(two);
  expect(all.settings).toBe(two);
  all.fail('no luck');
  expect([all.oldest, all.settings, all.target]).toEqual([1, one, 1]);
  expect(all.result).toEqual({ state: 'failed', generation: 2, reason: 'no luck' });
  all.fail('again');
  expect(all.events.slice(1)).toEqual([{ type: 'reload failed', generation: 2, reason: 'no luck' }]);
  expect(all.ended).toEqual([2]);
});

test('one that has cut over cannot fail', () => {
  const all = loaded();
  all.cutOver();
  all.fail('too late');
  expect([all.oldest, all.result.state]).toEqual([2, 'running']);
});

test('the second early death is one too many, in each reload anew', () => {
  const all = loaded();
  all.bootDeath(': no luck');
  expect(all.running).toBe(2);
  all.bootDeath(': no luck');
  expect(all.result).toMatchObject({ state: 'failed', reason: 'its workers die before they are ready: no luck' });
  all.request();
  all.start(3);
  all.bootDeath('');
  expect(all.running).toBe(3);
});

test("a zygote that takes a dead one's place brings its settings, and changes no generation", () => {
  const all = loaded();
  all.cutOver();
  all.finish();
  all.loaded(3, two);
  expect([all.oldest, all.settings, all.target]).toEqual([2, two, 2]);
});

test.each([
  ['before', [2, 3]],
  ['after', [3, 2]],
])("what it brings %s a reload's generation is loaded stays when that fails", (_, order) => {
  const all = reloads();
  all.request();
  all.start(3);
  for (const generation of order) all.loaded(generation, generation === 2 ? two : three);
  expect([all.oldest, all.settings]).toEqual([3, three]);
  all.fail('no luck');
  expect([all.oldest, all.settings]).toEqual([1, two]);
});

test('a number of workers is taken once a reload cannot fail any more, where the service was not scaled', () => {
  const all = loaded(two);
  expect(all.target).toBe(1);
  all.cutOver();
  expect(all.target).toBe(2);
  expect(all.events.slice(1)).toEqual([{ type: 'scaled', workers: 2 }]);
});

test('a number that was scaled stays until it is what the settings say', () => {
  const all = reloads();
  all.target = 5;
  all.loaded(1, undefined);
  expect(all.events).toEqual([]);
  all.loaded(2, two);
  expect(all.events).toEqual([{ type: 'warning', message: expect.stringContaining('now say 2') }]);
  all.loaded(3, two); // The same as before.
  expect([all.target, all.events.length]).toEqual([5, 1]);
  all.target = 2;
  all.loaded(4, three);
  expect(all.target).toBe(3);
});
