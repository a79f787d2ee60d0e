import { expect, test } from 'vitest';
import { resolveSettings } from '../../../src/settings/index.js';
import { listenArguments } from '../../../src/without-fork/listen-arguments.js';
import { emptySlots, type ManagedProcess, superseded } from '../../../src/without-fork/processes.js';
import { warningAbout } from '../../../src/without-fork/settings.js';
import { isMaxRequestsReached, MAX_REQUESTS_REACHED } from '../../../src/without-fork/task.js';

function settings(flags: Record<string, string | string[] | boolean>) {
  return resolveSettings({ app: 'app.js', args: [], flags, env: {}, startedIn: '/nowhere' });
}

function child(slot: number, generation: number, state: ManagedProcess['state'] = 'ready'): ManagedProcess {
  return { slot, generation, state };
}

test('settings that node:cluster can follow are worth no warning', () => {
  const flags = { workers: '2', listen: ['80'], 'max-requests': '5', grace: '1s', log: 'json', 'no-preload': true };
  expect(warningAbout(settings(flags))).toBeUndefined();
});

test('those that it cannot follow are named once, by their flags', () => {
  expect(warningAbout(settings({ 'max-memory': '300M', 'status-port': '0', listen: ['80', '81'] }))).toBe(
    'without fork, these are ignored: --max-memory, --status-port, all but the first --listen',
  );
});

test.each(['user', 'group', 'groups'])(
  '--%s is refused: the app would have more rights than it was to have',
  (flag) => {
    expect(() => warningAbout(settings({ [flag]: flag === 'groups' ? ['www'] : 'www' }))).toThrow(
      `--${flag} is not possible on a platform that cannot fork`,
    );
  },
);

const callback = () => {};

test.each([
  { args: [8080], becomes: [{ host: '::1', port: 1 }] },
  { args: [8080, '0.0.0.0', 5, callback], becomes: [{ backlog: 5, host: '::1', port: 1 }, callback] },
  { args: ['/run/app.sock', callback], becomes: [{ host: '::1', port: 1 }, callback] },
  { args: [{ path: '/run/app.sock', exclusive: true }], becomes: [{ exclusive: true, host: '::1', port: 1 }] },
  { args: [callback], becomes: [{ host: '::1', port: 1 }, callback] },
])('listen$args with another address', ({ args, becomes }) => {
  expect(listenArguments(args, { listen: { port: 1, host: '::1' }, backlog: undefined })).toEqual(becomes);
});

test.each([
  { args: ['8080', 'localhost'], becomes: [{ port: '8080', host: 'localhost', backlog: 9 }] },
  { args: ['/run/app.sock', 5], becomes: [{ path: '/run/app.sock', backlog: 9 }] },
  { args: [], becomes: [{ port: 0, backlog: 9 }] },
])('listen$args with another backlog stays where it is', ({ args, becomes }) => {
  expect(listenArguments(args, { listen: undefined, backlog: 9 })).toEqual(becomes);
});

test('without either the arguments stay what they are', () => {
  const args = [8080, callback];
  expect(listenArguments(args, { listen: undefined, backlog: undefined })).toBe(args);
});

test('a slot is empty when nobody of the generation is there to stay', () => {
  const children = [child(0, 2), child(1, 1), child(2, 2, 'leaving'), child(3, 2, 'booting')];
  expect(emptySlots(children, 5, 2)).toEqual([1, 2, 4]);
});

test('a generation that serves makes the ones before superfluous, and slots beyond its own', () => {
  const [wanted, old, leaving, beyond] = [child(0, 2), child(1, 1), child(0, 1, 'leaving'), child(2, 2)];
  expect(superseded([wanted, old, leaving, beyond], 2, 2)).toEqual([old, beyond]);
});

test('the message of a worker is told from those of the app', () => {
  expect([MAX_REQUESTS_REACHED, 'text', null, { type: 'ready' }].map(isMaxRequestsReached)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
