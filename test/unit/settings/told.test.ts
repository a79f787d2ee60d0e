import { expect, test } from 'vitest';
import { resolveSettings, toldSettings } from '../../../src/settings/index.js';

const first = resolveSettings({ app: '/app.js', args: ['a'], flags: {}, env: {}, startedIn: '/' });
const sent = (settings: object) => JSON.parse(JSON.stringify(settings));

test('settings that went through a channel are what they were, whatever they are', () => {
  expect(toldSettings(sent(first), first)).toEqual(first);
  const flags = {
    ...{ workers: '3', 'max-memory': '300M', grace: '2500ms', 'client-timeout': '3s', jitter: '20%' },
    ...{ 'max-requests': '1000', 'hold-connects': ['none'], concurrency: '4', 'max-memory-kind': 'rss' },
    ...{ 'socket-mode': '660', 'socket-owner': 'nobody:nogroup', 'max-young-generation': '2M', 'renew-memory': '12M' },
  };
  const others = resolveSettings({ app: '/app.js', args: ['a'], flags, env: {}, startedIn: '/' });
  expect(others).not.toEqual(first);
  expect(toldSettings(sent(others), first)).toEqual(others);
});

test('what a reload does not change stays as it was, and what is no setting is left out', () => {
  const said = {
    ...sent(first),
    app: '/other',
    args: [],
    listen: ['1'],
    user: 'root',
    evil: 1,
    __proto__: { workers: 0 },
  };
  expect(toldSettings(said, first)).toEqual(first);
});

test.each([
  [{ workers: 0 }],
  [{ workers: 1e9 }],
  [{ workers: '__proto__' }],
  [{ grace: null }],
  [{ grace: -1 }],
  [{ spawnTimeout: {} }],
  [{ maxMemory: 'x' }],
  [{ maxMemoryKind: 'constructor' }],
  [{ jitter: [] }],
  [{ preload: 1 }],
  [{ socketMode: 0o7777 }],
  [{ socketMode: 0.5 }],
])('%j cannot be', (wrong) => {
  expect(toldSettings({ ...sent(first), ...wrong }, first)).toBeUndefined();
});
