import { expect, test } from 'vitest';
import { isStartedOtherwise } from '../../../src/monitor/early-zygote.js';
import { flagOf, NAMES, variableOf } from '../../../src/settings/index.js';

/** Those by which a zygote's process is another one: exec-zygote.ts says how. */
const START_SETTINGS = ['preload', 'user', 'rlimit', 'cwd'] as const;
const OTHERS = NAMES.filter((name) => !START_SETTINGS.some((other) => other === name));

test.each(START_SETTINGS)('%s is seen as a flag and as a variable', (name) => {
  const flag = `--${flagOf(name)}`;
  for (const args of [[flag, 'x'], [`${flag}=x`]]) {
    expect(isStartedOtherwise(['app.js', ...args], {})).toBe(true);
  }
  expect(isStartedOtherwise(['app.js'], { [variableOf(name)]: 'x' })).toBe(true);
});

test('no other setting keeps the zygote from being started early', () => {
  const args = OTHERS.flatMap((name) => [`--${flagOf(name)}`, `--${flagOf(name)}=x`]);
  const env = Object.fromEntries(OTHERS.map((name) => [variableOf(name), 'x']));
  expect(isStartedOtherwise(args, env)).toBe(false);
});

test('a call for help starts none, and the arguments of the app say nothing', () => {
  expect(isStartedOtherwise(['-h'], {})).toBe(true);
  expect(isStartedOtherwise(['--help'], {})).toBe(true);
  expect(isStartedOtherwise(['app.js', '--', '--user', 'www'], {})).toBe(false);
});

test('sockets of a service manager are seen', () => {
  for (const name of ['LISTEN_FDS', 'NOTIFY_SOCKET']) expect(isStartedOtherwise([], { [name]: '1' })).toBe(true);
});
