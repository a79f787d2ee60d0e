// prefork start: all the ways in which an app, the command line or a service manager says where to listen.
import { once } from 'node:events';
import { type AddressInfo, createServer, type NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { close, listen } from '../../../src/posix/index.js';
import type { Status } from '../../../src/status/index.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { open } from '../../helpers/http.js';
import { targetOf } from '../../helpers/http-runtimes.js';
import { type Running, start, startNode, startPrefork } from '../../helpers/process.js';

const APP = 'test/fixtures/apps/listen.mjs';
const LOCAL = { host: '127.0.0.1', port: 0 };
const LISTENING = /^listening (\d+) (.*)$/;

/** An app with a server for each of these options of server.listen(), once both workers serve. */
async function serve(flags: readonly string[], ...servers: object[]) {
  const running = await startPrefork([
    'start',
    '-w',
    '2',
    ...flags,
    APP,
    ...servers.map((each) => JSON.stringify(each)),
  ]);
  return { running, addresses: await servingOn(running) };
}

async function servingOn(running: Running): Promise<string[]> {
  const [, addresses = ''] = await running.stderr.line(/serving on (.*) with 2 workers$/);
  return addresses.split(', ');
}

/** The number of the server that answers, and the worker's process id. */
async function ask(where: string | NetConnectOpts | undefined, path = '/'): Promise<[number, number]> {
  const client = await open(typeof where === 'object' ? where : targetOf(`${where}`));
  client.send(`GET ${path} HTTP/1.0\r\n\r\n`);
  const [server, pid] = (await client.answer()).body.split(' ').map(Number);
  return [server ?? -1, pid ?? -1];
}

/** A listening socket of this process, which nobody here accepts from. */
function inherited() {
  const listener = listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => close(listener.fd));
  const { port } = listener.address as { port: number };
  return { fd: listener.fd, address: `127.0.0.1:${port}` };
}

async function listenersOf(running: Running): Promise<Status['description']['listeners']> {
  const status = await startPrefork(['status', '--json', `${running.pid}`]);
  expect(await status.closed).toEqual({ code: 0, signal: null });
  return (JSON.parse(status.stdout.text) as Status).description.listeners;
}

test('port 0: one port for all workers, and the callback runs in each with its address', async () => {
  const { running, addresses } = await serve([], LOCAL);
  const said = await running.stdout.lines(2, LISTENING);
  const port = Number(addresses[0]?.split(':')[1]);
  for (const [, , address = ''] of said) expect(JSON.parse(address)).toEqual({ ...address4, port });
  const pids = said.map(([, pid]) => Number(pid));
  expect(new Set(pids).size).toBe(2);
  const [[, loader] = []] = await running.stdout.lines(1, /^loaded (\d+)$/);
  expect([running.pid, Number(loader)].filter((pid) => pids.includes(pid))).toEqual([]);
  expect(running.text.match(/^loaded/gm)).toHaveLength(1);
  expect(pids).toContain((await ask(addresses[0]))[1]);
});

const address4 = { address: '127.0.0.1', family: 'IPv4' };

test('without a host: IPv6 and IPv4', async () => {
  const { addresses } = await serve([], { port: 0 });
  const port = Number(/^\[::\]:(\d+)$/.exec(`${addresses[0]}`)?.[1]);
  for (const host of ['127.0.0.1', '::1']) expect((await ask({ host, port }))[0]).toBe(0);
});

test('IPv6 alone', async () => {
  const { addresses } = await serve([], { host: '::1', port: 0 }, { host: '::', port: 0, ipv6Only: true });
  const [first, second] = addresses.map((address) => Number(/^\[[:1]+\]:(\d+)$/.exec(address)?.[1]));
  expect((await ask({ host: '::1', port: first ?? 0 }))[0]).toBe(0);
  expect((await ask({ host: '::1', port: second ?? 0 }))[0]).toBe(1);
  for (const port of [first, second]) {
    await expect(ask({ host: '127.0.0.1', port: port ?? 0 })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  }
});

test('a path, which is gone when the service has ended', async () => {
  const path = join(temporaryFolder(), 'app.sock');
  const { running, addresses } = await serve([], { path });
  expect(addresses).toEqual([path]);
  const said = await running.stdout.lines(2, LISTENING);
  expect(said.map(([, , address]) => address)).toEqual(Array(2).fill(JSON.stringify(path)));
  expect((await ask({ path }))[0]).toBe(0);
  process.kill(running.pid, 'SIGTERM');
  expect(await running.closed).toEqual({ code: 0, signal: null });
  await expect(open({ path })).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a descriptor that the command was started with', async () => {
  const { fd, address } = inherited();
  const args = ['start', '-w', '2', APP, JSON.stringify({ fd: 3 })];
  const running = await startPrefork(args, { descriptors: [fd] });
  const said = await running.stdout.lines(2, LISTENING);
  expect(said.map(([, pid]) => Number(pid))).toContain((await ask(address))[1]);
  expect(await servingOn(running)).toEqual([address]);
});

test('several servers: each has its own address', async () => {
  const { addresses } = await serve([], LOCAL, LOCAL, LOCAL);
  expect(new Set(addresses).size).toBe(3);
  for (const [number, address] of addresses.entries()) expect((await ask(address))[0]).toBe(number);
});

test("the backlog is the app's, or that of --backlog", async () => {
  const own = await serve([], { ...LOCAL, backlog: 7 });
  expect(await listenersOf(own.running)).toEqual([{ address: own.addresses[0], queued: 0, backlog: 7 }]);
  const other = await serve(['--backlog', '9'], { ...LOCAL, backlog: 7 });
  expect(await listenersOf(other.running)).toEqual([{ address: other.addresses[0], queued: 0, backlog: 9 }]);
});

test("--listen stands in for the first server's address, and more of them add to it", async () => {
  const folder = temporaryFolder();
  const [instead, also] = [join(folder, 'instead.sock'), join(folder, 'also.sock')];
  const flags = ['--listen', '127.0.0.1:0', '--listen', `unix:${instead}`];
  const { addresses } = await serve(flags, { path: join(folder, 'not.sock') }, { path: also });
  expect(addresses).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/), instead, also]);
  expect((await ask(addresses[0]))[0]).toBe(0);
  expect((await ask({ path: instead }))[0]).toBe(0);
  expect((await ask({ path: also }))[0]).toBe(1);
  await expect(open({ path: join(folder, 'not.sock') })).rejects.toMatchObject({ code: 'ENOENT' });
});

test.each([LOCAL, { path: 'asked.sock' }])(
  'address() tells the path of --listen, whatever the app asked for: %j',
  async (options) => {
    const path = join(temporaryFolder(), 'instead.sock');
    const { running } = await serve(['--listen', `unix:${path}`], options);
    const said = await running.stdout.lines(2, LISTENING);
    expect(said.map(([, , address]) => address)).toEqual(Array(2).fill(JSON.stringify(path)));
  },
);

test('socket activation: what the service manager listens on is served', async () => {
  const { fd, address } = inherited();
  const command = `LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"`;
  const args = [process.execPath, 'dist/cli/main.js', 'start', '-w', '2', APP, '{"port":1}'];
  const running = await start('sh', ['-c', command, 'sh', ...args], { descriptors: [fd] });
  expect(await servingOn(running)).toEqual([address]);
  expect((await ask(address))[0]).toBe(0);
});

test('a port that another process has: the error of plain node, and exit status 4', async () => {
  const other = createServer().listen(LOCAL);
  await once(other, 'listening');
  onTestFinished(() => other.close() as unknown as undefined);
  const { port } = other.address() as AddressInfo;
  const options = JSON.stringify({ ...LOCAL, port });
  const [node, prefork] = [await startNode([APP, options]), await startPrefork(['start', '-w', '2', APP, options])];
  expect(await node.closed).toMatchObject({ code: 1 });
  expect(await prefork.closed).toMatchObject({ code: 4 });
  const [line] = await node.stderr.line(/^Error: listen EADDRINUSE: .*/);
  expect((await prefork.stderr.line(/^Error: listen .*/))[0]).toBe(line);
  for (const property of ['code', 'errno', 'syscall', 'address', 'port']) {
    const [shown] = await node.stderr.line(new RegExp(`^  ${property}: .*`));
    expect((await prefork.stderr.line(new RegExp(`^  ${property}: .*`)))[0]).toBe(shown);
  }
});

test('a path twice in one app: the error of plain node', async () => {
  const folder = temporaryFolder();
  const path = JSON.stringify({ path: join(folder, 'app.sock') });
  const node = await startNode([APP, path, path]);
  const [line] = await node.stderr.line(/^Error: listen EADDRINUSE: .*/);
  await node.closed;
  const prefork = await startPrefork(['start', '-w', '2', APP, path, path]);
  expect(await prefork.closed).toMatchObject({ code: 4 });
  expect((await prefork.stderr.line(/^Error: listen .*/))[0]).toBe(line);
});

test('a port twice in one app, in the workers: the error of plain node', async () => {
  const error = async (running: Running) => {
    const [[, , port = '']] = (await running.stdout.lines(1, LISTENING)) as [RegExpExecArray];
    return (await running.stdout.line(/^error .*/))[0].replaceAll(port, 'PORT');
  };
  const app = 'test/fixtures/apps/twice.mjs';
  const prefork = await startPrefork(['start', '-w', '2', app]);
  const expected = await error(await startNode([app]));
  expect(expected).toContain('EADDRINUSE');
  for (let i = 0; i < 2; i++) expect(await error(prefork)).toBe(expected);
});

test('a server that listens by another one has its connections, as under plain node', async () => {
  const running = await startPrefork(['start', '-w', '2', 'test/fixtures/apps/listen-on-server.cjs']);
  const [address] = await servingOn(running);
  for (let i = 0; i < 4; i++) {
    const client = await open(targetOf(`${address}`));
    client.send('GET / HTTP/1.0\r\n\r\n');
    expect((await client.answer()).body).toMatch(/^true \d+$/);
  }
  process.kill(running.pid, 'SIGTERM');
  expect(await running.closed).toEqual({ code: 0, signal: null });
  expect(running.stdout.text).toBe('closed\n'.repeat(4));
});

test('a server that is sent to a child process listens there', async () => {
  const running = await startPrefork(['start', '-w', '2', 'test/fixtures/apps/send-server.cjs']);
  const [address] = await servingOn(running);
  const client = await open(targetOf(`${address}`));
  client.send('GET / HTTP/1.0\r\n\r\n');
  expect(`127.0.0.1:${(await client.answer()).body}`).toBe(address);
});

test('events are raised in the asynchronous context in which the app listens', async () => {
  const running = await startPrefork(['start', '-w', '2', 'test/fixtures/apps/context.mjs']);
  const client = await open(targetOf(`${(await servingOn(running))[0]}`));
  client.send('GET / HTTP/1.0\r\n\r\n');
  const context = 'where it listens';
  expect(JSON.parse((await client.answer()).body)).toEqual({
    listening: context,
    connection: context,
    request: context,
  });
});

test.each(['its port', 'its path', '--listen'])(
  'a worker that closes its server on %s and listens again',
  async (kind) => {
    const flags = kind === '--listen' ? ['--listen', '127.0.0.1:0'] : [];
    const path = join(temporaryFolder(), 'app.sock');
    const { running, addresses } = await serve(flags, kind === 'its port' ? LOCAL : { path });
    const before = (await running.stdout.lines(2, LISTENING)).map(([, , address]) => address);
    const [, pid] = await ask(addresses[0], '/again');
    const [, again, address] = await running.stdout.line(LISTENING);
    expect(Number(again)).toBe(pid);
    expect(before).toEqual([address, address]);
    const seen = new Set<number>();
    for (let i = 0; i < 20; i++) seen.add((await ask(addresses[0]))[1]);
    expect(seen).toContain(pid);
    expect(seen.size).toBe(2);
  },
);

test('--no-preload: each worker loads the app, on one port', async () => {
  const { running, addresses } = await serve(['--no-preload'], LOCAL);
  const loaded = (await running.stdout.lines(2, /^loaded (\d+)$/)).map(([, pid]) => Number(pid));
  expect(new Set(loaded).size).toBe(2);
  expect(addresses).toHaveLength(1);
  expect(loaded).toContain((await ask(addresses[0]))[1]);
});

test.each([{ flags: [] }, { flags: ['--no-preload'] }])(
  '--preload $flags: a module that runs once, before the app, and for all workers',
  async ({ flags }) => {
    const module = './test/fixtures/apps/preloaded.cjs';
    const { running } = await serve([...flags, '--preload', module], LOCAL);
    const [[, once = '']] = (await running.stdout.lines(1, /^preloaded (\d+)$/)) as [RegExpExecArray];
    await running.stdout.lines(2, LISTENING);
    expect(running.stdout.text.startsWith(`preloaded ${once}\n`)).toBe(true);
    expect(running.stdout.text.match(/^preloaded/gm)).toHaveLength(1);
    const pids = running.stdout.text.match(/(?<=^listening )\d+/gm);
    expect(pids).not.toContain(once);
  },
);
