// Nobody reads the log, or it cannot be written: the monitor supervises on, heeds signals and ends.
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isMonitor, readServer, type Snapshot } from '../../../src/scoreboard/index.js';
import { APP } from '../../fixtures/start/server.js';
import { childrenOf, isAlive } from '../../helpers/proc.js';
import { type Running, start } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { eventually } from '../../helpers/wait.js';

const UNREAD = 'test/fixtures/start/unread.py';
const CLI = 'dist/cli/main.js';
const OTHER_USER = ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups'];

interface Unread {
  readonly outside: Running;
  readonly pid: number;
}

/** The same program, with trouble on demand. */
const TROUBLE = join(import.meta.dirname, '../../fixtures/start/trouble-main.mjs');

async function startUnread(
  kind: string,
  args: readonly string[],
  { before = [], program = CLI }: { readonly before?: readonly string[]; readonly program?: string } = {},
): Promise<Unread> {
  const command = [...before, process.execPath, program, 'start', '-w', '2', ...args];
  const outside = await start('python3', [UNREAD, kind, ...command]);
  const [, pid] = await outside.stdout.line(/^pid (\d+)/);
  return { outside, pid: Number(pid) };
}

/** Waits until so many workers serve, none of them with these ids. */
function serves(pid: number, workers = 2, without: readonly number[] = []): Promise<Snapshot> {
  return eventually(`${workers} workers of ${pid} serve`, () => {
    const now = snapshot(pid);
    const ready = now?.workers.filter((worker) => worker.state === 'ready' && !without.includes(worker.pid)) ?? [];
    return ready.length === workers && now?.workers.length === workers && now;
  });
}

function snapshot(pid: number): Snapshot | undefined {
  try {
    return readServer(pid);
  } catch {
    return undefined; // It does not describe itself yet.
  }
}

async function ask({ description }: Snapshot): Promise<number> {
  const { status } = await fetch(`http://${description.listeners[0]?.address}`, { headers: { connection: 'close' } });
  return status;
}

/** Workers die, are counted and replaced, and answer. */
async function supervises(pid: number): Promise<void> {
  const { workers } = await serves(pid);
  for (const worker of workers) process.kill(worker.pid, 'SIGKILL');
  const pids = workers.map((worker) => worker.pid);
  expect(await ask(await serves(pid, 2, pids))).toBe(200);
  process.kill(pid, 'SIGTTIN');
  await serves(pid, 3);
}

/** What was in the log, line by line. */
function logged({ outside }: Unread): string[] {
  const lines = outside.stdout.text.split(/\r?\n/);
  return lines.filter((line) => line !== '' && !/^(pid|status) \d+$/.test(line));
}

const KINDS = ['pipe', 'socket', 'terminal', 'fifo'];

testWith('python3').for(KINDS)('a full %s that nobody reads as the log holds nothing up', async (kind) => {
  const server = await startUnread(kind, [APP]);
  await supervises(server.pid);
  server.outside.stdin.write('read\n');
  await server.outside.stdout.line(/^\[prefork\] monitor pid \d+: \d+ lines were lost while nobody read the log/);
  process.kill(server.pid, 'SIGTTOU');
  await server.outside.stdout.line(/: target is 2 workers/);
  process.kill(server.pid, 'SIGTERM');
  await server.outside.stdout.line(/^status 0/);
  for (const line of logged(server)) expect(line).toMatch(/^\[prefork\] (monitor|worker \d gen 1) pid \d+: ./);
});

testWith('python3')('a service whose log nobody reads ends at SIGTERM', async () => {
  const { outside, pid } = await startUnread('pipe', [APP]);
  await serves(pid);
  process.kill(pid, 'SIGTERM');
  await eventually('it has ended', () => !isAlive(pid));
  outside.stdin.end();
  await outside.stdout.line(/^status 0$/);
});

testWith('python3')('with --log json, what is said of lost lines is JSON', async () => {
  const server = await startUnread('pipe', ['--log', 'json', APP]);
  await supervises(server.pid);
  server.outside.stdin.write('read\n');
  await server.outside.stdout.line(/lines were lost while nobody read the log/);
  process.kill(server.pid, 'SIGTERM');
  await server.outside.stdout.line(/^status 0$/);
  const entries = logged(server).map((line) => JSON.parse(line));
  expect(entries[0]).toMatchObject({ level: 'warn', role: 'monitor', event: 'warning', pid: server.pid });
  expect(entries.at(-1)).toMatchObject({ event: 'stopped' });
});

testWith('python3', 'setpriv').for(['pipe', 'fifo', 'terminal'])(
  'a full %s of another user, which cannot be opened anew, holds nothing up',
  async (kind, { skip }) => {
    skip(process.getuid?.() !== 0, 'only root can start a service of another user');
    const server = await startUnread(kind, [APP], { before: OTHER_USER });
    await supervises(server.pid);
    server.outside.stdin.write('read\n');
    await server.outside.stdout.line(/lines were lost while nobody read the log/);
    process.kill(server.pid, 'SIGTERM');
    await server.outside.stdout.line(/^status 0$/);
  },
);

testWith('python3')('a start that fails ends although nobody reads why', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => {
    taken.close();
  });
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  const { outside, pid } = await startUnread('pipe', ['--status-port', `${port}`, APP]);
  await eventually('it has ended', () => !isAlive(pid));
  outside.stdin.end();
  await outside.stdout.line(/^status 1$/);
});

testWith('python3')("Node's own warnings and an error that nothing catches do not wait for a reader", async () => {
  const { outside, pid } = await startUnread('pipe', [APP], { program: TROUBLE });
  await serves(pid);
  process.kill(pid, 'SIGUSR2'); // A warning.
  await supervises(pid);
  process.kill(pid, 'SIGWINCH'); // An error.
  await eventually('it has ended', () => !isAlive(pid));
  outside.stdin.end();
  await outside.stdout.line(/^status 1$/);
});

test("Node's own warnings and an error that nothing catches are lines of the log", async () => {
  const running = await startTo('2>&1', TROUBLE);
  const [, pid] = await running.line(/monitor pid (\d+): serving/);
  process.kill(Number(pid), 'SIGUSR2');
  await running.line(/^\[prefork\] monitor pid \d+: Warning: careful$/);
  process.kill(Number(pid), 'SIGWINCH');
  await running.line(/^\[prefork\] monitor pid \d+: the monitor fails, and ends: Error: out of luck$/);
  expect(await running.exit).toEqual({ code: 1, signal: null });
});

test.each(['2>/dev/full', '2>&-', '2>&1 | true'])('prefork start %s serves and ends', async (redirection) => {
  const running = await startTo(`${redirection}; echo "status $?"`);
  const monitor = await eventually('the monitor is there', () => findMonitor(running));
  await supervises(monitor);
  process.kill(monitor, 'SIGTERM');
  await running.stdout.line(/^status 0$/);
});

testWith('python3')('a terminal that stops those who write in the background is written to all the same', async () => {
  const { outside, pid } = await startUnread('tostop', [APP]);
  await outside.stdout.line(/: serving on .* with 2 workers/);
  await supervises(pid);
  process.kill(pid, 'SIGTERM');
  await outside.stdout.line(/: stopped with exit status 0/);
});

/** `prefork start` in a shell, with its output led somewhere. */
function startTo(redirection: string, program = CLI): Promise<Running> {
  return start('sh', ['-c', `"$0" ${program} start -w 2 ${APP} ${redirection}`, process.execPath]);
}

/** Among the children of a shell, or the shell itself when it has executed the server. */
function findMonitor({ pid }: Running): number | undefined {
  return [pid, ...childrenOf(pid).map((child) => child.pid)].find(isMonitor);
}
