// prefork start with listening sockets that it was given: they stay as they are when the service ends.
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { close, isListening, type ListenOptions, listen, shutdown, socket } from '../../../src/posix/index.js';
import { startActivated } from '../../fixtures/listen/activate.js';
import { APP, addressesOf, answering, ask } from '../../fixtures/listen/ask.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { open } from '../../helpers/http.js';
import { targetOf } from '../../helpers/http-runtimes.js';
import { type Running, start, startPrefork } from '../../helpers/process.js';

interface Given {
  readonly fd: number;
  readonly address: string;
}

/** A listening socket of this process, which stands for the service manager. */
function given(options: ListenOptions = { host: '127.0.0.1' }): Given {
  const { fd, address } = listen(options);
  onTestFinished(() => close(fd));
  return { fd, address: address.family === 'unix' ? address.path : `${address.address}:${address.port}` };
}

const portOf = ({ address }: Given) => Number(address.split(':').at(-1));

const at = (options: object, ...others: object[]) => [
  APP,
  '--',
  'all',
  ...[options, ...others].map((o) => JSON.stringify(o)),
];

async function stop(running: Running, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  process.kill(running.pid, signal);
  expect(await running.closed).toEqual({ code: signal === 'SIGINT' ? 130 : 0, signal: null });
}

const ways = {
  'a port by socket activation': {
    options: () => ({}),
    start: (fd: number) => startActivated([fd], ['-w', '2', ...at({ port: 1 })]),
  },
  'a path by socket activation': {
    options: () => ({ path: join(temporaryFolder(), 'given.sock') }),
    start: (fd: number) => startActivated([fd], ['-w', '2', ...at({ port: 1 })]),
  },
  'a descriptor that the app names': {
    options: () => ({}),
    start: (fd: number) => startPrefork(['start', '-w', '2', ...at({ fd: 3 })], { descriptors: [fd] }),
  },
  'one of the app by itself': {
    options: () => ({}),
    start: (fd: number) => startPrefork(['start', '--no-preload', '-w', '2', ...at({ fd: 3 })], { descriptors: [fd] }),
  },
};

test.each(Object.entries(ways))('%s: who connects while no service runs is served by the next one', async (_, way) => {
  const { fd, address } = given({ host: '127.0.0.1', ...way.options() });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const first = await way.start(fd);
    expect(await addressesOf(first)).toEqual([address]);
    await ask(address);
    await stop(first, signal);
    expect(isListening(fd)).toBe(true);

    const client = await open(targetOf(address));
    client.send('GET / HTTP/1.0\r\n\r\n');
    const second = await way.start(fd);
    expect(Number((await client.answer()).body)).toBeGreaterThan(0);
    await stop(second);
  }
});

test('what waits in the queue when the service ends is left to the next one', async () => {
  const { fd, address } = given();
  const first = await startActivated([fd], ['-w', '1', ...at({ port: 1 })]);
  await addressesOf(first);
  const old = await ask(address);
  process.kill(old, 'SIGSTOP');
  const clients = await Promise.all(Array.from({ length: 8 }, () => open(targetOf(address))));
  for (const client of clients) client.send('GET / HTTP/1.0\r\n\r\n');
  process.kill(first.pid, 'SIGTERM');
  await first.line(/worker \d gen \d pid \d+: stopping/);
  process.kill(old, 'SIGCONT');
  expect(await first.closed).toEqual({ code: 0, signal: null });

  const second = await startActivated([fd], ['-w', '1', ...at({ port: 1 })]);
  const pids = await Promise.all(clients.map((client) => client.answer().then(({ body }) => Number(body), String)));
  const [, worker] = await second.line(/^listening (\d+)/);
  // The first worker may have taken one before it heard.
  expect(pids.filter((pid) => pid === Number(worker)).length).toBeGreaterThan(4);
});

test.each([
  [
    'does not listen',
    () => socket(),
    /^prefork: descriptor 3 of the service manager \(LISTEN_FDS\) does not listen: 0\.0\.0\.0:0; restart/,
  ],
  [
    'was shut down',
    () => {
      const { fd } = listen({ host: '127.0.0.1' });
      shutdown(fd, 'read');
      return fd;
    },
    /^prefork: descriptor 3 of the service manager \(LISTEN_FDS\) does not listen: 127\.0\.0\.1:\d+; restart/,
  ],
])('a socket that %s: the service does not start', async (_, make, message) => {
  const fd = make();
  onTestFinished(() => close(fd));
  const running = await startActivated([fd], ['-w', '1', ...at({ port: 1 })]);
  expect(await running.closed).toEqual({ code: 1, signal: null });
  expect(running.stderr.text).toMatch(message);
});

test('a descriptor that is none: the service does not start', async () => {
  const { fd } = given();
  // LISTEN_FDS counts more than there are.
  const command = `LISTEN_FDS=9 LISTEN_PID=$$ exec "$@" 4>&-`;
  const args = [process.execPath, 'dist/cli/main.js', 'start', ...at({ port: 1 })];
  const running = await start('sh', ['-c', command, 'sh', ...args], { descriptors: [fd] });
  expect(await running.closed).toEqual({ code: 1, signal: null });
  expect(running.stderr.text).toMatch(
    /^prefork: descriptor 4 of the service manager \(LISTEN_FDS\) is no listening socket/,
  );
});

test.each([{ flags: [] }, { flags: ['--no-preload'] }])(
  'two sockets and two servers %j: each server has the one of its port, whatever their order',
  async ({ flags }) => {
    const [one, other] = [given(), given()];
    const servers = [{ port: portOf(other) }, { host: '127.0.0.1', port: portOf(one) }] as const;
    const running = await startActivated([one.fd, other.fd], ['-w', '1', ...flags, ...at(...servers)]);
    expect(await addressesOf(running)).toEqual([one.address, other.address]);
    const said = (await running.stdout.lines(2, /^listening \d+ (.*)$/)).map(([, text = '']) => JSON.parse(text).port);
    expect(said).toEqual([portOf(other), portOf(one)]);
    for (const { address } of [one, other]) await ask(address);
  },
);

test.each([{ flags: [] }, { flags: ['--no-preload'] }])(
  'what no server asks for goes to the first one %j',
  async ({ flags }) => {
    const [one, other] = [given(), given()];
    // Its own port of the first server, which is not to be opened, is not allowed to most users.
    const args = ['-w', '1', ...flags, ...at({ port: 1 }, { port: portOf(other) })];
    const running = await startActivated([one.fd, other.fd], args);
    expect(await addressesOf(running)).toEqual([one.address, other.address]);
    const said = (await running.stdout.lines(2, /^listening \d+ (.*)$/)).map(([, text = '']) => JSON.parse(text).port);
    expect(said).toEqual([portOf(one), portOf(other)]);
  },
);

test('when all were asked for, the first server has what it asked for itself', async () => {
  const { fd, address } = given();
  const args = ['-w', '1', ...at({ host: '127.0.0.1', port: 0 }, { port: portOf({ fd, address }) })];
  const addresses = await addressesOf(await startActivated([fd], args));
  expect(addresses).toHaveLength(2);
  expect(addresses).toContain(address);
  for (const each of addresses) await ask(each);
});

test('a server that claims one and closes it before the fork leaves it to the first one', async () => {
  const { fd, address } = given();
  const running = await startActivated([fd], ['-w', '1', APP, '--', 'closedClaim', `${portOf({ fd, address })}`]);
  expect(await addressesOf(running)).toEqual([address]);
  await ask(address);
});

test('--listen on the address of a socket that was given is that socket', async () => {
  const { fd, address } = given();
  const running = await startActivated([fd], ['--listen', address, '-w', '2', ...at({ port: 1 })]);
  expect(await addressesOf(running)).toEqual([address]);
  expect((await answering(address)).size).toBe(2);
});

test('--listen besides: the first server has both', async () => {
  const { fd, address } = given();
  const running = await startActivated([fd], ['--listen', '127.0.0.1:0', '-w', '1', ...at({ port: 1 })]);
  const addresses = await addressesOf(running);
  expect(addresses).toEqual([address, expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
  for (const each of addresses) await ask(each);
});

test('a path that was given is not removed, and a client that waits is not told', async () => {
  const path = join(temporaryFolder(), 'given.sock');
  const { fd } = given({ path });
  const running = await startActivated([fd], ['-w', '1', ...at({ path })]);
  expect(await addressesOf(running)).toEqual([path]);
  await ask({ path });
  await stop(running);
  const client = connectSocket(path);
  onTestFinished(() => {
    client.destroy();
  });
  await new Promise((resolve, reject) => client.once('connect', resolve).once('error', reject));
});
