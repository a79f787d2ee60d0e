// `prefork start` on apps that connect to their own servers: the other end is the process itself, as under plain node.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Server, startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { open } from '../../helpers/http.js';
import { CLI, start } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';

const APP = 'test/fixtures/connects/own-server.mjs';
const ITSELF = 'itself, the same ports';

/** Asks until each worker has answered. */
async function expectItself(server: Server): Promise<void> {
  const before = new Map(server.workers.map(({ pid, requests }) => [pid, requests]));
  const isIdle = () => server.workers.some(({ pid, requests }) => requests === before.get(pid));
  for (let asked = 0; asked < 4 || (isIdle() && asked < 40); asked++) expect(await server.ask()).toBe(ITSELF);
}

async function expectLasting(...appArgs: string[]): Promise<Server> {
  const server = await startServer({ app: APP, appArgs });
  await expectItself(server);
  const [killed] = server.pids as [number];
  process.kill(killed, 'SIGKILL');
  await server.full([killed]);
  await expectItself(server);
  const replaced = server.pids;
  server.signal('SIGHUP');
  await server.running.line(/reload: generation 2 serves/);
  await server.full(replaced);
  await expectItself(server);
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  await server.gone();
  return server;
}

test('a connection made while the app is loaded outlives the death of another worker, and a reload', async () => {
  await expectLasting('loading');
});

test('so does one made when the server begins to listen, to localhost', async () => {
  await expectLasting('listening');
});

test('so does one to a path', async () => {
  await expectLasting('loading', join(temporaryFolder(), 'own.sock'));
});

test('so does a session of HTTP/2, which lasts as long as its worker', async () => {
  const { running } = await expectLasting('http2');
  expect(running.text).not.toMatch(/the session of \d+ has closed/);
});

test('a connection for each request is one to the process itself, and holds up no stop', async () => {
  const server = await startServer({ app: APP, appArgs: ['asked'], args: ['--grace', '60s'] });
  await expectItself(server);
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
});

test('without preloading it is the same, and it takes the place of no client', async () => {
  const server = await startServer({ app: APP, appArgs: ['listening'], args: ['--no-preload', '--concurrency', '1'] });
  await expectItself(server);
});

/** Gives the loopback interface of a new network another address in place of 127.0.0.1, and executes a program there. */
const WITHOUT_IPV4 = `
import fcntl, os, socket, struct, sys
kernel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
SIOCSIFFLAGS, SIOCSIFADDR, UP = 0x8914, 0x8916, 0x1
fcntl.ioctl(kernel, SIOCSIFFLAGS, struct.pack('16sh14x', b'lo', UP))
address = struct.pack('HH4s8x', socket.AF_INET, 0, socket.inet_aton('192.0.2.1'))
fcntl.ioctl(kernel, SIOCSIFADDR, struct.pack('16s16s', b'lo', address))
os.execvp(sys.argv[1], sys.argv[1:])`;
const inNetwork = ['--net', 'python3', '-c', WITHOUT_IPV4];
const hasNetworks = spawnSync('unshare', ['--net', 'true']).status === 0;

testWith('unshare', 'python3').for([
  ['where there is no 127.0.0.1', ['unshare', ...inNetwork], '::1', '::1'],
  ['on an address of IPv4 in the form of IPv6', [], '::ffff:127.0.0.1', '127.0.0.1'],
] as const)('a server %s', async ([, [program, ...before], host, to], { skip }) => {
  skip(program !== undefined && !hasNetworks, 'a network of its own is not to be had here');
  const path = join(temporaryFolder(), 'app.sock');
  const args = [...before, process.execPath, CLI, 'start', '-w', '2', 'test/fixtures/connects/own-address.mjs'];
  const running = await start(program ?? 'env', [...args, '--', path, host, to]);
  await running.line(/serving on /);
  for (let asked = 0; asked < 8; asked++) {
    const client = await open({ path });
    client.send('GET / HTTP/1.0\r\n\r\n');
    expect((await client.answer()).body).toBe('itself');
  }
});
