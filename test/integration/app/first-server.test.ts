import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { close, getsockname, listen } from '../../../src/posix/index.js';
import { readServer } from '../../../src/scoreboard/index.js';
import { APP, addressesOf, ask } from '../../fixtures/listen/ask.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { startPrefork } from '../../helpers/process.js';
import { takenPort } from '../../helpers/sockets.js';
import { eventually } from '../../helpers/wait.js';

const MODES = [{ flags: [] }, { flags: ['--no-preload'] }];

async function serve(flags: readonly string[], ...app: string[]) {
  const args = ['start', '-w', '2', '--listen', '127.0.0.1:0', ...flags, APP, '--', ...app];
  const running = await startPrefork(args);
  return { running, addresses: await addressesOf(running) };
}

/** A port of this process's on which somebody listens. */
const portIn = (address = '') => Number(address.split(':').at(-1));

test.each(MODES)('a probe that closes hands it on to the next server %j', async ({ flags }) => {
  const { running, addresses } = await serve(flags, 'freePort');
  expect(addresses).toHaveLength(1);
  const said = await running.stdout.lines(2, /^listening (\d+) .*"port":(\d+)/);
  for (const [, , port] of said) expect(Number(port)).toBe(portIn(addresses[0]));
  expect(said.map(([, pid]) => Number(pid))).toContain(await ask(addresses[0] as string));
});

test('a probe that is closed before the fork has what it asked for, and the next server has it', async () => {
  const { running, addresses } = await serve([], 'closedProbe');
  expect(addresses).toHaveLength(1);
  const [, probed] = await running.stdout.line(/^probed \d+ (\d+)$/);
  expect(Number(probed)).not.toBe(portIn(addresses[0]));
  await ask(addresses[0] as string);
});

test('a server beside a probe, which waits for nothing, has it as soon as the probe closes', async () => {
  const { running } = await serve([], 'besideProbe');
  await running.stdout.lines(2, /^probed/);
  const { listeners } = await eventually('one address is left', () => {
    const { description } = readServer(running.pid);
    return description.listeners.length === 1 && description;
  });
  await ask(listeners[0]?.address as string);
});

test('the server that has it and had clients has it again when it closes and listens again', async () => {
  const { addresses, running } = await serve([], 'twoServers');
  await running.stdout.lines(4, /^listening/);
  const [first] = addresses;
  const pid = await ask(first as string, '/again');
  await running.stdout.line(new RegExp(`^listening ${pid} .*"port":${portIn(first)}`));
  const pids = new Set<number>();
  for (let i = 0; i < 20; i++) pids.add(await ask(first as string));
  expect(pids).toContain(pid);
});

test.each(MODES)('an address that cannot be had: the error names it, and not that of the app %j', async ({ flags }) => {
  const port = await takenPort();
  const args = ['start', '-w', '1', '--listen', `127.0.0.1:${port}`, ...flags, APP, '--', 'report', '{"port":3000}'];
  const running = await startPrefork(args);
  const [, text = ''] = await running.stdout.line(/^error (.*)$/);
  expect(JSON.parse(text)).toEqual({
    message: `listen EADDRINUSE: address already in use 127.0.0.1:${port} (--listen)`,
    code: 'EADDRINUSE',
    errno: -98,
    syscall: 'listen',
    address: '127.0.0.1',
    port,
  });
  expect(await running.closed).toEqual({ code: flags.length === 0 ? 4 : 3, signal: null });
});

test('a path of --listen that cannot be had', async () => {
  const path = join(temporaryFolder(), 'no', 'app.sock');
  const running = await startPrefork(['start', '--listen', `unix:${path}`, APP, '--', 'report', '{"port":3000}']);
  const [, text = ''] = await running.stdout.line(/^error (.*)$/);
  const message = `listen ENOENT: no such file or directory ${path} (--listen)`;
  expect(JSON.parse(text)).toMatchObject({ message, code: 'ENOENT', address: path, port: -1 });
});

test('an address that a probe does not get is that of the server', async () => {
  const port = await takenPort();
  const args = ['start', '--listen', `127.0.0.1:${port}`, APP, '--', 'report', '{"port":0}'];
  const running = await startPrefork(args);
  const [, text = ''] = await running.stdout.line(/^error (.*)$/);
  expect(JSON.parse(text)).toMatchObject({ code: 'EADDRINUSE', address: '127.0.0.1', port });
});

test('a host by name', async () => {
  const running = await startPrefork(['start', '-w', '1', '--listen', 'localhost:0', APP, '--', 'at', '{"port":1}']);
  const [address] = await addressesOf(running);
  expect(address).toMatch(/^(127\.0\.0\.1|\[::1\]):\d+$/);
});

test.each(['--listen', '--allow-listen'])('a host of %s that is unknown: it does not start', async (flag) => {
  const args = ['start', flag, 'no-such-host.invalid:80', APP, '--', 'at', '{"port":1}'];
  const running = await startPrefork(args);
  expect(await running.closed).toEqual({ code: 1, signal: null });
  const [, named] =
    /^prefork: (\S+): host 'no-such-host\.invalid' is unknown \([A-Z_]+\); give/.exec(running.stderr.text) ?? [];
  expect(named).toBe(flag);
});

test.skipIf(Number.parseInt(process.versions.node, 10) < 22)(
  'reusePort: others may listen on the port, too',
  async () => {
    const { fd, address } = { ...listen({ host: '127.0.0.1', reusePort: true }) };
    onTestFinished(() => close(fd));
    const { port } = getsockname(fd) as { port: number };
    const options = JSON.stringify({ host: '127.0.0.1', port, reusePort: true });
    const running = await startPrefork(['start', '-w', '2', APP, '--', 'all', options, options]);
    expect(await addressesOf(running)).toEqual([`127.0.0.1:${port}`, `127.0.0.1:${port}`]);
    expect(address).toMatchObject({ port });
  },
);

test('exclusive: true, and a backlog of 0, are as under plain node', async () => {
  const options = JSON.stringify({ host: '127.0.0.1', port: 0, exclusive: true, backlog: 0 });
  const running = await startPrefork(['start', '-w', '2', APP, '--', 'at', options]);
  await ask((await addressesOf(running))[0] as string);
  const { listeners } = readServer(running.pid).description;
  expect(listeners[0]?.backlog).toBe(511);
});
