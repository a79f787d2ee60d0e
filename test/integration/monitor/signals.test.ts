import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readServer } from '../../../src/scoreboard/index.js';
import { APP, accepts, type Server, startServer } from '../../fixtures/start/server.js';
import { type Client, connect } from '../../helpers/client.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { childrenOf, isAlive, processStat, statusField } from '../../helpers/proc.js';
import { ROOT, type Running, start, startNode } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const FIXTURES = 'test/fixtures/signals';
/** Longer than any test: whoever hangs is not killed, and the test shows it. */
const GRACE = ['--grace', '1h'];
const REQUEST = 'GET / HTTP/1.1\r\nHost: app\r\n\r\n';
/** What a terminal or a process manager sends to a whole group, and the monitor acts on. */
const GROUP_SIGNALS = ['SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGTTIN', 'SIGTTOU'] as const;

async function idle(server: Server): Promise<Client> {
  const client = await connect(server.port);
  client.send(REQUEST);
  await client.line(/^Connection: keep-alive$/);
  return client;
}

const everybody = (server: Server): number[] => [server.pid, server.zygote as number, ...server.pids];

test.for<[string, (server: Server) => unknown]>([
  ['all processes get the signal', (server: Server) => process.kill(-server.pid, 'SIGTERM')],
  [
    'one after the other gets it, the monitor last',
    (server: Server) => {
      for (const pid of everybody(server).reverse()) process.kill(pid, 'SIGTERM');
    },
  ],
  [
    'it has just been reloaded',
    async (server: Server) => {
      server.signal('SIGHUP');
      await server.running.line(/generation 2 serves/);
      server.signal('SIGTERM');
    },
  ],
  [
    'there are to be fewer workers',
    async (server: Server) => {
      server.signal('SIGTTOU');
      await server.running.line(/: stopping: the target was lowered/);
      server.signal('SIGTERM');
    },
  ],
])('a stop does not wait for idle clients when %s', async ([, stop]) => {
  const app = join(FIXTURES, 'idioms.cjs');
  const server = await startServer({ app, args: GRACE, env: { IDIOM: 'none' }, group: true });
  const clients = await Promise.all(Array.from({ length: 6 }, () => idle(server)));
  await stop(server);
  expect(await server.ended).toEqual({ code: 0, signal: null });
  await Promise.all(clients.map(({ ended }) => ended));
  expect(server.running.text).not.toMatch(/ended with|died|killed/);
  await server.gone();
});

test('a client in the queue is answered when all processes get SIGTERM', async () => {
  const server = await startServer({ args: [...GRACE, '--concurrency', '1'], workers: 1, group: true });
  const [worker] = server.pids;
  process.kill(worker as number, 'SIGSTOP');
  const client = await connect(server.port);
  client.send(REQUEST);
  process.kill(-server.pid, 'SIGTERM');
  await server.running.line(/worker \d gen \d pid \d+: stopping/);
  process.kill(worker as number, 'SIGCONT');
  await client.line(/^HTTP\/1\.1 200 OK$/);
  expect(await server.ended).toEqual({ code: 0, signal: null });
});

test.for(GROUP_SIGNALS)('%s does nothing to a worker, or to a zygote', async (signal) => {
  const server = await startServer();
  const [, zygote, ...workers] = everybody(server);
  for (const pid of [zygote as number, ...workers]) process.kill(pid, signal);
  for (let i = 0; i < 5; i++) expect(workers).toContain(Number(await server.ask('/pid')));
  server.signal('SIGUSR2');
  server.signal('SIGTTIN');
  await server.count(3); // The zygote forks.
  expect(everybody(server)).toEqual(expect.arrayContaining([zygote, ...workers]));
  expect(server.running.text).not.toMatch(/died|ended with/);
});

test('SIGTERM does nothing to a zygote', async () => {
  const server = await startServer();
  const { zygote } = server;
  process.kill(zygote as number, 'SIGTERM');
  server.signal('SIGTTIN');
  await server.count(3);
  expect(server.zygote).toBe(zygote);
});

test('SIGHUP for the whole group reloads once, and no request is lost', async () => {
  const server = await startServer({ group: true });
  const client = await connect(server.port);
  client.send('POST /body HTTP/1.1\r\nHost: app\r\nContent-Length: 4\r\n\r\n');
  await eventually('the request is under way', () => server.requests === 1);
  process.kill(-server.pid, 'SIGHUP');
  await server.running.line(/reload: generation 2 serves/);
  client.send('done');
  await client.line(/^HTTP\/1\.1 200 OK$/);
  await server.full();
  expect(server.workers.map(({ generation }) => generation)).toEqual([2, 2]);
  expect(server.running.text).not.toMatch(/died|ended with|failed/);
});

test('SIGTTIN and SIGTTOU for the whole group are one worker more, and one fewer', async () => {
  const server = await startServer({ group: true });
  process.kill(-server.pid, 'SIGTTIN');
  await server.count(3);
  process.kill(-server.pid, 'SIGTTOU');
  await server.count(2);
  expect(server.running.text).not.toMatch(/died|4 workers/);
});

test('no signal for the group ends a zygote that is only starting', async () => {
  const server = await startServer({ group: true });
  const before = everybody(server);
  server.signal('SIGHUP');
  const loading = await eventually('one starts', () => childrenOf(server.pid).find(({ pid }) => !before.includes(pid)));
  while (!server.running.text.includes('gen 2 pid')) {
    process.kill(-server.pid, 'SIGUSR2');
    await new Promise(setImmediate);
  }
  await server.running.line(new RegExp(`zygote gen 2 pid ${loading.pid}: the app is loaded`));
  await server.running.line(/reload: generation 2 serves/);
  // It is among the others again.
  const groupOf = (pid: number) => statusField(pid, 'NSpgid');
  expect(groupOf(loading.pid)).toBe(groupOf(server.pid));
});

test('what the app starts has the default actions', async () => {
  const server = await startServer();
  const orphan = Number(await server.ask('/orphan'));
  // The shell itself has SIGINT and SIGQUIT ignored in what it starts in the background.
  const ignored = (signal: NodeJS.Signals) => {
    return (BigInt(`0x${statusField(orphan, 'SigIgn')}`) >> BigInt(constants.signals[signal] - 1)) & 1n;
  };
  expect(['SIGHUP', 'SIGTERM', 'SIGUSR2', 'SIGTTIN', 'SIGTTOU'].filter((name) => ignored(name as 'SIGHUP'))).toEqual(
    [],
  );
  process.kill(orphan, 'SIGHUP');
  await eventually('it has ended', () => !isAlive(orphan));
});

test.for(['null', '"ping"', '5', '[]', '{"type":"x"}', '{"type":"stop"}', '{"type":"stop","quick":false}'])(
  'the message %s of who started it is no order',
  async (message) => {
    const caller = await startNode([join(FIXTURES, 'caller.mjs'), APP]);
    const [, pid] = await caller.line(/monitor pid (\d+): serving on/);
    caller.stdin.write(`${message}\n`);
    process.kill(Number(pid), 'SIGTTIN');
    await caller.line(/target is 3 workers/);
    await eventually('it has them', () => readServer(Number(pid)).workers.length === 3);
    caller.stdin.write('"shutdown"\n');
    await caller.line(/^ended with 0$/);
  },
);

const isRoot = process.getuid?.() === 0;
// Root without CAP_KILL, as in a container that has dropped all capabilities but those for a change of user.
const WITHOUT_KILL = ['--bounding-set=-kill', process.execPath, join(ROOT, 'dist/cli/main.js'), 'start'];

async function withoutKill(...args: readonly string[]): Promise<Running & { readonly port: number }> {
  const running = await start('setpriv', [...WITHOUT_KILL, ...args, join(FIXTURES, 'drops-privileges.mjs')]);
  const [, port] = await running.line(/serving on 127\.0\.0\.1:(\d+) with/);
  return Object.assign(running, { port: Number(port) });
}

test.runIf(isRoot)('workers that have changed their user leave when the monitor may not signal them', async () => {
  const running = await withoutKill(...GRACE);
  const client = await connect(running.port);
  client.send('POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 4\r\n\r\n');
  await eventually('it is under way', () => readServer(running.pid).workers.some(({ requests }) => requests === 1));
  process.kill(running.pid, 'SIGTERM');
  await running.line(/worker \d gen \d pid \d+: stopping/);
  client.send('done');
  await client.line(/^HTTP\/1\.1 200 OK$/);
  expect(await running.closed).toEqual({ code: 0, signal: null });
  expect(running.text).not.toMatch(/EPERM|killed/);
});

test.runIf(isRoot)('and they end at once when that is asked for', async () => {
  const running = await withoutKill(...GRACE);
  const client = await connect(running.port);
  client.send('POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 4\r\n\r\n');
  await eventually('it is under way', () => readServer(running.pid).workers.some(({ requests }) => requests === 1));
  process.kill(running.pid, 'SIGINT');
  await client.ended;
  expect(await running.closed).toEqual({ code: 130, signal: null });
  expect(running.text.match(/EPERM/g)).toHaveLength(1);
});

test.runIf(isRoot)('and after the grace', async () => {
  const running = await withoutKill('--grace', '300ms');
  const client = await connect(running.port);
  client.send('POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 4\r\n\r\n');
  await eventually('it is under way', () => readServer(running.pid).workers.some(({ requests }) => requests === 1));
  process.kill(running.pid, 'SIGTERM');
  await client.ended;
  expect(await running.closed).toEqual({ code: 0, signal: null });
  expect(running.text).toMatch(/is killed: it did not leave/);
});

/** A shell on a terminal, which runs a command line of `prefork start`. */
async function onTerminal(commandLine: (prefork: string) => string, app = APP) {
  const terminal = await start('python3', [join(FIXTURES, 'terminal.py')]);
  const prefork = `${process.execPath} ${join(ROOT, 'dist/cli/main.js')} start -w 2 ${app}`;
  terminal.stdin.write(`type ${commandLine(prefork)}\n`);
  return terminal;
}

async function serving(lines: Running): Promise<{ monitor: number; port: number }> {
  const [, monitor, port] = await lines.line(/monitor pid (\d+): serving on 127\.0\.0\.1:(\d+) with 2/);
  return { monitor: Number(monitor), port: Number(port) };
}

test('when its terminal is closed, the service ends', async () => {
  const terminal = await onTerminal((prefork) => prefork);
  const { monitor, port } = await serving(terminal);
  const tree = [monitor, ...childrenOf(monitor).map(({ pid }) => pid)];
  terminal.stdin.write('close\n');
  await eventually('no process is left', () => !tree.some(isAlive));
  expect(await accepts(port)).toBe(false);
});

test('when its terminal is closed, no process of it fails at that, and the exit status says it', async () => {
  const [log, status] = ['log', 'status'].map((name) => join(temporaryFolder(), name)) as [string, string];
  const terminal = await onTerminal((prefork) => `sh -c 'trap "" HUP; ${prefork} 2>${log}; echo $? >${status}'`);
  const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  await eventually('it serves', () => /serving on /.test(read(log)));
  terminal.stdin.write('close\n');
  expect(await eventually('it has ended', () => read(status) || undefined)).toBe('129\n');
  expect(read(log).match(/exited \(.*\)/g)).toEqual(Array(2).fill('exited (exit status 0)'));
});

test('started by nohup it serves on when the terminal is closed', async () => {
  const log = join(temporaryFolder(), 'log');
  const terminal = await onTerminal((prefork) => `nohup ${prefork} >${log} 2>&1 &`);
  const seen = (pattern: RegExp) => pattern.exec(existsSync(log) ? readFileSync(log, 'utf8') : '') ?? undefined;
  const wanted = /monitor pid (\d+): serving on 127\.0\.0\.1:(\d+) with 2/;
  const [, monitor, port] = await eventually('it serves', () => seen(wanted));
  const shell = processStat(Number(monitor))?.ppid as number;
  terminal.stdin.write('close\n');
  await eventually('the shell has ended', () => !isAlive(shell));
  await eventually('that was a SIGHUP', () => seen(/reload: generation 2 serves/));
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('1');
});

test('SIGHUP reloads what has a terminal that is there', async () => {
  const terminal = await onTerminal((prefork) => prefork);
  const { monitor } = await serving(terminal);
  process.kill(monitor, 'SIGHUP');
  await terminal.line(/reload: generation 2 serves/);
  process.kill(monitor, 'SIGTERM');
  await terminal.line(/stopped with exit status 0/);
});

test.for(['', 'stty tostop; '])('a job in the background whose app uses the terminal serves on: %s', async (before) => {
  const terminal = await onTerminal((prefork) => `${before}${prefork} &`, join(FIXTURES, 'reader.cjs'));
  const { monitor, port } = await serving(terminal);
  const tree = [monitor, ...childrenOf(monitor).map(({ pid }) => pid)];
  const ask = async (path = '/') => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  expect(await ask('/read')).toBe('EIO');
  const child = Number(await ask('/child'));
  await eventually('it reads', () => processStat(child)?.state === 'T');
  expect(tree).toContain(Number(await ask()));
  expect(tree.map((pid) => processStat(pid)?.state)).not.toContain('T');
  // The kernel's was no order; that of a process is one, once the monitor's loop has turned: until then it ignores both.
  await eventually('the monitor takes orders again', () => !isHeldBack(monitor, constants.signals.SIGTTIN));
  process.kill(monitor, 'SIGTTIN');
  await terminal.line(/target is 3 workers/);
  expect(terminal.text.match(/target is/g)).toHaveLength(1);
  process.kill(monitor, 'SIGTERM');
  await terminal.line(/stopped with exit status 0/);
});

/** Whether a signal waits for the process, or is ignored by it. proc_pid_status(5) */
function isHeldBack(pid: number, signal: number): boolean {
  const bit = 1n << BigInt(signal - 1);
  return ['ShdPnd', 'SigIgn'].some((name) => (BigInt(`0x${statusField(pid, name)}`) & bit) !== 0n);
}
