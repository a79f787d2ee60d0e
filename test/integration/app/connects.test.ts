// `prefork start` on apps that connect while they are loaded: their connects are held until the fork.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startPeer } from '../../fixtures/connects/peer.js';
import { type Server, startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { type Running, startNode, startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const APP = 'test/fixtures/connects/app.mjs';

function start(options: readonly string[], ...args: (string | number)[]): Promise<Server> {
  return startServer({ args: options, app: APP, appArgs: args.map(String) });
}

function startFailing(options: readonly string[], ...args: (string | number)[]): Promise<Running> {
  return startPrefork(['start', '-w', '2', ...options, APP, '--', ...args.map(String)]);
}

/** The answers of both workers: they take turns, as a rule. */
async function answers(server: Server): Promise<string[]> {
  const seen = new Set<string>();
  for (let asked = 0; seen.size < 2 && asked < 20; asked++) seen.add(await server.ask());
  return [...seen].sort();
}

function loads({ running }: Server): number {
  return running.text.match(/^read in/gm)?.length ?? 0;
}

async function web(delay = 0) {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    setTimeout(() => response.end('data'), delay);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, requests: () => requests };
}

test('an app that waits for its connection is loaded once more, and each worker has a connection of its own', async () => {
  const peer = await startPeer();
  const server = await start([], 'awaits', peer.port);
  await server.running.line(
    new RegExp(
      `zygote gen 1 pid \\d+: the app is loaded once more with 1 connect held until the fork: ` +
        `127\\.0\\.0\\.1:${peer.port} \\(at .*connects/app\\.mjs:\\d+:\\d+\\); each worker opens its own; ` +
        `not shared is what came after the first: no files, [\\d.]+ MiB$`,
    ),
  );
  await server.running.line(/zygote gen 1 .*the app is loaded, after \d+ ms; .*; 1 connect held until the fork \(127/);
  expect(await answers(server)).toEqual(['client 2', 'client 3']);
  expect(peer.greeted).toBe(3);
});

test('a reload holds at once what was held before, a replaced worker and a new zygote too', async () => {
  const peer = await startPeer();
  const server = await start([], 'awaits', peer.port);
  server.signal('SIGHUP');
  await server.running.line(/reload: generation 2 serves/);
  await server.full();
  expect(peer.greeted).toBe(5);
  const [killed] = server.pids as [number];
  process.kill(killed, 'SIGKILL');
  await server.full([killed]);
  expect(peer.greeted).toBe(6);
  const zygote = server.zygote as number;
  process.kill(zygote, 'SIGKILL');
  await server.full([zygote]);
  expect(peer.greeted).toBe(6);
  expect(server.running.text.match(/once more/g)).toHaveLength(1);
  expect(await answers(server)).toHaveLength(2);
  server.signal('SIGTERM');
  expect(await server.running.closed).toEqual({ code: 0, signal: null });
  await eventually('the peer has no clients', () => peer.connected === 0);
});

test('a release that connects elsewhere, too, costs its reload one load more', async () => {
  const [one, other] = [await startPeer(), await startPeer()];
  const folder = temporaryFolder();
  const app = join(folder, 'app.mjs');
  const release = (way: string) => {
    writeFileSync(app, `process.argv.splice(2, 0, '${way}');\nawait import('${pathToFileURL(resolve(APP))}');\n`);
  };
  release('awaits');
  const server = await startServer({ app, appArgs: [`${one.port}`, `${other.port}`] });
  release('two');
  server.signal('SIGHUP');
  await server.running.line(
    new RegExp(`zygote gen 2 .* once more with 1 connect held .*: 127\\.0\\.0\\.1:${other.port} `),
  );
  await server.running.line(/zygote gen 2 .* the app is loaded, .* 2 connects held/);
  await server.running.line(/reload: generation 2 serves/);
  server.signal('SIGHUP');
  await server.running.line(/reload: generation 3 serves/);
  expect(server.running.text.match(/once more/g)).toHaveLength(2);
  release('randomChild');
  server.signal('SIGHUP');
  await server.running.line(/zygote gen 4 .* once more with 1 connect held/);
  await server.running.line(/reload: generation 4 failed, the app failed to load: .*; the present one serves on/);
  expect(await answers(server)).toHaveLength(2);
});

test('two destinations, one by one: both are held from the second load on', async () => {
  const [one, other] = [await startPeer(), await startPeer()];
  const server = await start([], 'two', one.port, other.port);
  // Workers that are born together come to the two peers in any order.
  const seen = (await answers(server)).map((answer) => answer.split(','));
  for (const peer of [0, 1]) expect(seen.map((clients) => clients[peer]).sort()).toEqual(['client 2', 'client 3']);
  await server.running.line(/once more with 2 connects held/);
});

test('what is read over a connection that does not stay is shared, as it was without held connects', async () => {
  const peer = await startPeer();
  const { port, requests } = await web();
  const server = await start([], 'reads', peer.port, port);
  await server.full();
  expect({ requests: requests(), loads: loads(server) }).toEqual({ requests: 2, loads: 2 });
});

test('a destination that is named is held at once, and the app loaded only once', async () => {
  const peer = await startPeer();
  const { port, requests } = await web();
  const server = await start(['--hold-connects', `127.0.0.1:${peer.port}`], 'reads', peer.port, port);
  await server.running.line(/the app is loaded, after \d+ ms; .* 1 connect held/);
  expect(await answers(server)).toEqual(['client 1', 'client 2']);
  expect({ requests: requests(), loads: loads(server) }).toEqual({ requests: 1, loads: 1 });
  expect(server.running.text).not.toMatch(/once more/);
});

test('--hold-connects by a path', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'socket');
  await startPeer(path);
  const server = await start(['--hold-connects', path], 'awaits', path);
  expect(await answers(server)).toEqual(['client 1', 'client 2']);
});

test('--hold-connects none: refused, with status 4', async () => {
  const peer = await startPeer();
  const running = await startFailing(['--hold-connects', 'none'], 'awaits', peer.port);
  expect(await running.exit).toEqual({ code: 4, signal: null });
  await running.line(new RegExp(`failed to load: fd \\d+ is connected to 127\\.0\\.0\\.1:${peer.port}, opened at `));
  expect(peer.greeted).toBe(1);
});

test('a server that waits for the fork needs no connect to stand still', async () => {
  const peer = await startPeer();
  const server = await start([], 'background', peer.port);
  expect(await answers(server)).toEqual(['client 2', 'client 3']);
});

test('a hook that closes the connection: nothing is held, and the app is loaded once', async () => {
  const peer = await startPeer();
  const server = await start([], 'hook', peer.port);
  await server.running.line(
    /the app is loaded, after \d+ ms; [\d.]+ MiB are shared by its workers(; its heap was fragmented: [^;]*)?$/,
  );
  expect({ greeted: peer.greeted, connected: peer.connected }).toEqual({ greeted: 1, connected: 0 });
});

test.each([[[]], [['--no-preload']]])('a hook that is registered in a worker runs there, %j', async (options) => {
  const peer = await startPeer();
  const server = await start(options, 'lateHook', peer.port);
  await server.running.lines(2, /^late hook in slot [01]: true$/);
});

test('a destination that is another one at each load: refused after the second, and named', async () => {
  const running = await startFailing([], 'randomChild');
  expect(await running.exit).toEqual({ code: 4, signal: null });
  await running.line(/once more with 1 connect held/);
  await running.line(
    /fd \d+ is connected to 127\.0\.0\.1:\d+, opened at .*; close it in .*, or start with --no-preload$/,
  );
});

test('a held connect that does not keep the event loop alive does not have the app forked half-loaded', async () => {
  const server = await start(['--hold-connects', '127.0.0.1:9'], 'unreferenced', 9);
  await server.full();
  expect(server.running.text.match(/^loaded in/gm)).toHaveLength(1);
});

test('a held connect in the background leaves the app the time for what it waits for', async () => {
  const peer = await startPeer();
  const { port, requests } = await web(1500);
  const server = await start(['--hold-connects', `127.0.0.1:${peer.port}`], 'slowly', peer.port, port);
  await server.full();
  expect({ requests: requests(), loads: loads(server) }).toEqual({ requests: 1, loads: 1 });
  expect(await answers(server)).toEqual(['client 1', 'client 2']);
});

test('an app that asks its own server is asked in each worker', async () => {
  const server = await start([], 'itself');
  await server.running.lines(2, /^asked itself in \d+: 200$/);
});

test('an app that connects to a child of its own', async () => {
  const free = await startPeer();
  await free.stop();
  const server = await start([], 'child', free.port);
  await server.running.lines(2, /^the child is ready in \d+$/);
  await server.full();
  expect(server.running.text.match(/^the child is ready in/gm)).toHaveLength(2);
});

test('a peer that is down: the error that plain node gives, from workers, and status 3', async () => {
  const peer = await startPeer();
  await peer.stop();
  const plain = await startNode([APP, 'awaits', `${peer.port}`]);
  expect((await plain.exit).code).toBe(1);
  const [message] = await plain.line(/Error: connect ECONNREFUSED 127\.0\.0\.1:\d+/);
  const running = await startFailing([], 'awaits', peer.port);
  await running.line(/once more with 1 connect held until the fork: .*; there the app failed to connect/);
  await running.line(/worker \d gen 1 pid \d+: died \(exit status 1\)/);
  expect(await running.exit).toEqual({ code: 3, signal: null });
  expect(running.text.split(message).length).toBeGreaterThan(3);
});

test('a peer that comes up while workers try it: they serve; one that is down at a reload leaves the old ones', async () => {
  const peer = await startPeer();
  await peer.stop();
  const running = await startFailing([], 'awaits', peer.port);
  await running.line(/worker \d gen 1 pid \d+: died \(exit status 1\)/);
  await peer.start();
  await running.line(/serving on/);
  await peer.stop();
  process.kill(running.pid, 'SIGHUP');
  await running.line(/reload: generation 2 failed/);
});

test('with --no-preload nothing is held', async () => {
  const peer = await startPeer();
  const server = await start(['--no-preload'], 'awaits', peer.port);
  expect(await answers(server)).toEqual(['client 1', 'client 2']);
});

test.each([[[]], [['--no-preload']]])('a preloaded module that waits for its connection, %j', async (options) => {
  const peer = await startPeer();
  const server = await startServer({
    args: [...options, '--preload', './test/fixtures/connects/preloaded.mjs'],
    app: APP,
    appArgs: ['itself'],
    env: { PEER_PORT: `${peer.port}` },
  });
  await server.running.lines(2, /^asked itself in \d+: 200$/);
  const lines = server.running.text.split('\n').filter((line) => /^(preloaded|asked itself) in/.test(line));
  for (const pid of server.pids) {
    const own = lines.filter((line) => line.includes(` ${pid}`)).map((line) => line.split(' ')[0]);
    expect(own).toEqual(['preloaded', 'asked']);
  }
});

test('a worker whose event loop stands still once it listens does not count as ready', async () => {
  const running = await startFailing(['--boot-timeout', '500ms'], 'blocks');
  await running.line(/worker \d gen 1 pid \d+: is killed: it was not ready within 0\.5 s/);
  expect(running.text).not.toMatch(/ready in \d+ ms/);
  expect(await running.exit).toEqual({ code: 3, signal: null });
});

test('a connect that may take 2 s is not overdue in a worker that is forked later', async () => {
  const peer = await startPeer();
  const server = await start(['--hold-connects', `127.0.0.1:${peer.port}`], 'timed', peer.port);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const [killed] = server.pids as [number];
  process.kill(killed, 'SIGKILL');
  await server.full([killed]);
  expect(server.running.text).not.toMatch(/takes too long/);
});
