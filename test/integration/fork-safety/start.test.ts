// `prefork start` on apps that hold something that a fork would share.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answering } from '../../fixtures/safety/server.js';
import { ROOT, startPrefork } from '../../helpers/process.js';

const APP = join(ROOT, 'test/fixtures/safety/app.mjs');

function startApp(options: readonly string[], ...args: string[]) {
  const env = { NODE_OPTIONS: '', LISTEN: '0' };
  return startPrefork(['start', '-w', '2', ...options, APP, ...args], { env });
}

const SERVING = /serving on (127\.0\.0\.1:\d+)/;

test('a connected socket that is not to be held: status 4, told by descriptor, peer, place and remedies', async () => {
  const { port } = await answering();
  const running = await startApp(['--hold-connects', 'none'], 'socket', `${port}`);
  expect(await running.exit).toEqual({ code: 4, signal: null });
  await running.line(
    new RegExp(`fd \\d+ is connected to 127\\.0\\.0\\.1:${port}, opened at ${APP}:\\d+:\\d+; close it in`),
  );
});

test('the channel of a child process: status 4, told by the child, its place and the remedy', async () => {
  const running = await startApp([], 'channel');
  expect(await running.exit).toEqual({ code: 4, signal: null });
  await running.line(
    new RegExp(
      `fd \\d+ is the IPC channel of child process \\d+ \\(.*\\), started at ${APP}:\\d+:\\d+; start it in afterFork`,
    ),
  );
});

test('the same socket with --no-preload: it serves', async () => {
  const { port } = await answering();
  const running = await startApp(['--no-preload'], 'socket', `${port}`);
  await running.line(SERVING);
});

test('the same socket with --allow-shared-sockets: a warning, and it serves', async () => {
  const { port } = await answering();
  const running = await startApp(['--allow-shared-sockets'], 'socket', `${port}`);
  await running.line(new RegExp(`fd \\d+ is connected to 127\\.0\\.0\\.1:${port}, .*; all workers share it`));
  await running.line(SERVING);
});

test('an app that stays busy: status 4, and what keeps it busy', async () => {
  const running = await startApp(['--spawn-timeout', '2s'], 'busy');
  expect(await running.exit).toEqual({ code: 4, signal: null });
  await running.line(/a timer of 60000 ms, whose function is at .*app\.mjs:\d+:\d+/);
});

test('a beforeFork hook that never resolves: status 4, and where it was registered', async () => {
  const running = await startApp(['--spawn-timeout', '2s'], 'hangingHook');
  expect(await running.exit).toEqual({ code: 4, signal: null });
  await running.line(/failed to load: the beforeFork hook of .*app\.mjs:\d+:\d+ has not resolved for \d\.\d s$/);
});

test.for([
  ['watched', false],
  ['watchedTimer', true],
] as const)('the debugger is asked only about timers of the app: %s', async ([app, isAsked]) => {
  const running = await startApp([], app);
  await running.line(SERVING);
  expect(running.text.includes('the debugger walks through the heap')).toBe(isAsked);
});

test('a timer: a warning, and it serves', async () => {
  const running = await startApp([], 'timer');
  await running.line(/a timer of 1000 ms, whose function is at .*app\.mjs:\d+:\d+ will go on in every worker/);
  await running.line(SERVING);
});

test('hooks: the connection is closed before the fork, and each worker opens its own and knows who it is', async () => {
  const { port, asked } = await answering();
  const running = await startApp([], 'hooks', `${port}`);
  const [, address] = await running.line(SERVING);
  await running.line(/^worker 0 true$/);
  await running.line(/^worker 1 true$/);
  expect(asked.count).toBe(3);
  const slot = await (await fetch(`http://${address}`)).text();
  expect(['0', '1']).toContain(slot);
});

test("connections that the app's agents kept: each worker opens its own", async () => {
  const { port, asked } = await answering();
  const running = await startApp([], 'agents', `${port}`);
  await running.line(SERVING);
  await running.line(/^worker 0 was answered$/);
  await running.line(/^worker 1 was answered$/);
  expect(asked.count).toBe(6);
});
