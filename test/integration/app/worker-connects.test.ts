// `prefork start` on apps whose Workers (worker_threads) open sockets while they are loaded.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startPeer } from '../../fixtures/connects/peer.js';
import { type Server, startServer } from '../../fixtures/start/server.js';
import { startPrefork } from '../../helpers/process.js';

const APP = 'test/fixtures/connects/worker-app.mjs';

function start(options: readonly string[], ...args: (string | number)[]): Promise<Server> {
  return startServer({ args: options, app: APP, appArgs: args.map(String) });
}

/** The answers of both workers: they take turns, as a rule. */
async function answers(server: Server): Promise<string[]> {
  const seen = new Set<string>();
  while (seen.size < 2) seen.add(await server.ask()); // Bounded by the time that a test may take.
  return [...seen].sort();
}

test('a Worker that waits for its connection has one of its own in each worker', async () => {
  const peer = await startPeer();
  const server = await start([], 'awaits', peer.port);
  await server.running.line(
    new RegExp(
      `the app is loaded once more with 1 connect held until the fork: 127\\.0\\.0\\.1:${peer.port} ` +
        `\\(at .*connects/worker-thread\\.mjs:\\d+:\\d+\\); each worker opens its own$`,
    ),
  );
  await server.running.line(/the app is loaded, after \d+ ms; .*; 1 connect held until the fork \(127/);
  expect(await answers(server)).toEqual(['client 2', 'client 3']);
  server.signal('SIGHUP');
  await server.running.line(/reload: generation 2 serves/);
  expect(await answers(server)).toEqual(['client 4', 'client 5']);
  expect(server.running.text.match(/once more/g)).toHaveLength(1);
});

test('so has a Worker of a Worker', async () => {
  const peer = await startPeer();
  const server = await start(['--hold-connects', `127.0.0.1:${peer.port}`], 'nested', peer.port);
  expect(await answers(server)).toEqual(['client 1', 'client 2']);
});

test('a held connect that may take 2 s is not overdue in a worker that is forked later', async () => {
  const peer = await startPeer();
  const server = await start(['--hold-connects', `127.0.0.1:${peer.port}`], 'timed', peer.port);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const [killed] = server.pids as [number];
  process.kill(killed, 'SIGKILL');
  await server.full([killed]);
  expect(server.running.text).not.toMatch(/takes too long/);
  expect(await answers(server)).toHaveLength(2);
});

test('where connects are not held, the refusal names the Worker, the place and the remedy', async () => {
  const peer = await startPeer();
  const running = await startPrefork(['start', '--hold-connects', 'none', APP, '--', 'nested', `${peer.port}`]);
  await running.line(
    new RegExp(
      `fd \\d+ is connected to 127\\.0\\.0\\.1:${peer.port}, opened at .*worker-thread\\.mjs:\\d+:\\d+ ` +
        `by Worker 2 \\(.*worker-thread\\.mjs\\); start the Worker in afterFork .*, start with --no-preload, ` +
        `or with --hold-connects 127\\.0\\.0\\.1:${peer.port}$`,
    ),
  );
  expect(await running.exit).toEqual({ code: 4, signal: null });
});

test.each([
  ['reads', 0],
  ['readsLater', 500],
])('a connection that an agent of the Worker keeps is closed before the fork: %s', async (way, delay) => {
  let connections = 0;
  const web = createServer((_request, response) => setTimeout(() => response.end('data'), delay));
  web.on('connection', () => connections++);
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    web.closeAllConnections();
    web.close();
  });
  const { port } = web.address() as AddressInfo;
  const server = await start([], way, port, port);
  expect(server.running.text).not.toMatch(/once more|is connected/);
  expect(connections).toBe(1);
  for (let asked = 0; asked < 4; asked++) expect(await server.ask()).toBe('data');
  expect(connections).toBeGreaterThan(1);
});

test('a peer that is down: the app is loaded once more, and workers fail as under plain node', async () => {
  const peer = await startPeer();
  await peer.stop();
  const running = await startPrefork(['start', '-w', '2', APP, '--', 'awaits', `${peer.port}`]);
  await running.line(/once more with 1 connect held until the fork: .*; there the app failed to connect/);
  await running.line(/Error: connect ECONNREFUSED 127\.0\.0\.1:\d+/);
  expect(await running.exit).toEqual({ code: 3, signal: null });
});

test('datagram sockets, servers and watchers of a Worker are named with it', async () => {
  const server = await start([], 'others');
  const by = String.raw`at .*worker-thread\.mjs:\d+:\d+ by Worker 1 "db" \(.*worker-thread\.mjs\)`;
  await server.running.line(new RegExp(`fd \\d+ is a datagram socket bound to 127\\.0\\.0\\.1:\\d+, opened ${by}`));
  await server.running.line(new RegExp(`a server listens on .*"port":\\d+.* by itself, begun ${by}`));
  await server.running.line(new RegExp(`a watcher of files, begun ${by}, will report to every worker`));
});

test.each([
  [
    'while',
    /fd \d+ is connected to \S+, opened at .*worker-thread\.mjs:\d+:\d+ by Worker 1 .*start the Worker in afterFork/,
  ],
  [
    'before',
    /blocks in Atomics\.wait at .*blocking-app\.mjs:\d+:\d+, perhaps for .*: a connect to \S+ by Worker 1 .*; start/,
  ],
])('a Worker that connects %s the main thread blocks for it is refused by name', async (when, message) => {
  const peer = await startPeer();
  const hold = ['--hold-connects', `127.0.0.1:${peer.port}`];
  const app = 'test/fixtures/connects/blocking-app.mjs';
  const running = await startPrefork(['start', ...hold, app, '--', when, `${peer.port}`]);
  await running.line(message);
  expect(await running.exit).toEqual({ code: 4, signal: null });
});

test('a Worker stands still in the zygote: a later worker copies it as the first one did', async () => {
  const server = await start([], 'ticks');
  await new Promise((resolve) => setTimeout(resolve, 2000)); // 100 turns of its interval
  const [killed] = server.pids as [number];
  process.kill(killed, 'SIGKILL');
  await server.full([killed]);
  const ticks = (await answers(server)).map(Number).sort((a, b) => a - b) as [number, number];
  expect(ticks[1] - ticks[0]).toBeGreaterThan(40);
});
