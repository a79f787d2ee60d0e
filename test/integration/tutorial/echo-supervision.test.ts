import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type EchoServer, startEcho } from '../../fixtures/echo/server.js';
import { ordinaryUser } from '../../fixtures/echo/user.js';
import { visits } from '../../fixtures/echo/visit.js';
import { childrenOf, isAlive, processesWithEnvironment } from '../../helpers/proc.js';
import { type Running, start, startPrefork } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { eventually } from '../../helpers/wait.js';

const CLI = 'dist/cli/main.js';

async function works({ port }: { port: number }): Promise<boolean> {
  return (await visits(port, { total: 1, together: 1 }))[0]?.served ?? false;
}

async function replacement(running: Running): Promise<number> {
  return Number((await running.stderr.line(/^forked child process: (\d+)$/))[1]);
}

/** Stops all threads of a process: SIGTERM waits then, and only SIGKILL ends it. */
async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const state = (thread: string) =>
    /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'))?.[1];
  await eventually('all threads have stopped', () => readdirSync(`/proc/${pid}/task`).every((id) => state(id) === 'T'));
}

function gone({ parent, children }: EchoServer): Promise<boolean> {
  return eventually('no process is left', () => [parent, ...children].every((pid) => !isAlive(pid)));
}

test.each(['SIGKILL', 'SIGSEGV', 'SIGTERM'] as const)(
  'a child that %s ends is reported and replaced',
  async (signal) => {
    const server = await startEcho();
    for (const pid of server.children) {
      // Before, a SIGTERM may still be caught by the listener that the child has from its parent.
      await server.running.stdout.line(new RegExp(`^Child ${pid} accepting\\.\\.\\.$`));
      process.kill(pid, signal);
      await server.running.stderr.line(new RegExp(`^Child ${pid} was killed by ${signal}$`));
      await replacement(server.running);
    }
    expect(childrenOf(server.parent)).toHaveLength(3);
    expect(server.children.filter(isAlive)).toEqual([]);
    expect(await works(server)).toBe(true);
  },
);

test('all children killed at once are all replaced, though one SIGCHLD may stand for many', async () => {
  const server = await startEcho(['--workers', '16']);
  process.kill(server.parent, 'SIGSTOP');
  for (const pid of server.children) process.kill(pid, 'SIGKILL');
  await eventually('all are zombies', () => server.children.every((pid) => !isAlive(pid)));
  process.kill(server.parent, 'SIGCONT');
  for (let i = 0; i < 16; i++) await replacement(server.running);
  expect(childrenOf(server.parent).map(({ state }) => state)).not.toContain('Z');
  expect(childrenOf(server.parent)).toHaveLength(16);
});

test('children that die at once, again and again, end the parent: status 3', async () => {
  const { running, children } = await startEcho();
  const killAll = async () => {
    for (const pid of children) process.kill(pid, 'SIGKILL');
    for (;;) process.kill(await replacement(running), 'SIGKILL');
  };
  const killing = killAll().catch(() => {}); // The server has ended.
  expect(await running.closed).toEqual({ code: 3, signal: null });
  await killing;
  expect(running.stderr.text).toMatch(/\ngiving up: children die as soon as they are forked, again and again\n$/);
  expect(running.stderr.text.match(/was killed by SIGKILL/g)).toHaveLength(18);
});

test('SIGTERM: status 0', async () => {
  const server = await startEcho();
  process.kill(server.parent, 'SIGTERM');
  expect(await server.running.closed).toEqual({ code: 0, signal: null });
  await gone(server);
  expect(server.running.stderr.text).toBe('');
});

test.each([
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const)(
  '%s to the whole group, as a terminal sends it: status %i, and nothing else is said',
  async (signal, code) => {
    const server = await startEcho([], { group: true });
    await eventually('all accept', () => server.running.stdout.text.match(/accepting/g)?.length === 3);
    process.kill(-server.parent, signal);
    expect(await server.running.closed).toEqual({ code, signal: null });
    await gone(server);
    expect(server.running.stderr.text).toBe('');
  },
);

test('children leave it to the parent what Ctrl-C means: by itself it does nothing to them', async () => {
  const server = await startEcho();
  for (const pid of server.children) for (const signal of ['SIGINT', 'SIGHUP'] as const) process.kill(pid, signal);
  for (let i = 0; i < 6; i++) expect(await works(server)).toBe(true);
  process.kill(server.parent, 'SIGTERM');
  expect(await server.running.closed).toEqual({ code: 0, signal: null });
  expect(server.running.stderr.text).toBe('');
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s while children are being forked leaves none behind', async (signal) => {
  for (let i = 0; i < 5; i++) {
    const id = randomUUID();
    const running = await startPrefork(['echo', '--port', '0', '--workers', '16'], {
      env: { ECHO_TEST: id },
      group: true,
    });
    await running.stdout.line(/accepting/);
    process.kill(-running.pid, signal);
    const { code } = await running.closed;
    expect(code).toBe(signal === 'SIGTERM' ? 0 : 130);
    expect(processesWithEnvironment('ECHO_TEST', id)).toEqual([]);
  }
});

test('SIGKILL of the parent takes the children along, idle and serving ones, and those just forked', async () => {
  const server = await startEcho();
  const waiting = visits(server.port, { total: 100, together: 50 });
  process.kill(server.parent, 'SIGKILL');
  await gone(server);
  await waiting;
  for (let i = 0; i < 5; i++) {
    const id = randomUUID();
    const running = await startPrefork(['echo', '--port', '0', '--workers', '16'], { env: { ECHO_TEST: id } });
    await running.stdout.line(/accepting/);
    process.kill(running.pid, 'SIGKILL');
    await eventually('no process is left', () => processesWithEnvironment('ECHO_TEST', id).length === 0);
  }
});

test('a child that does not hear SIGTERM is killed after the grace', async () => {
  const server = await startEcho();
  await stop(server.children[0] as number);
  process.kill(server.parent, 'SIGTERM');
  expect(await server.running.closed).toEqual({ code: 0, signal: null });
  await gone(server);
});

test('a second signal does not wait for the grace; the first one decides on the status', async () => {
  const server = await startEcho();
  const [stopped = 0, ...others] = server.children;
  await stop(stopped);
  process.kill(server.parent, 'SIGINT');
  await eventually('the others have ended', () => others.every((pid) => !isAlive(pid)));
  expect(isAlive(stopped)).toBe(true);
  process.kill(server.parent, 'SIGTERM');
  expect(await server.running.closed).toEqual({ code: 130, signal: null });
});

const user = ordinaryUser();

function asUser(command: readonly string[]): [program: string, args: string[]] {
  const [program = '', ...args] = [...(user ?? []), ...command];
  return [program, args];
}

testWith('setpriv', 'prlimit')('a fork that fails is reported and tried again', async ({ skip }) => {
  skip(user === undefined, 'no ordinary user may run Node here');
  const running = await start(...asUser([process.execPath, CLI, 'echo', '--port', '0']));
  const ready = await running.line(/parent (\d+), children (\d+)/);
  expect(Number(ready[1])).toBe(running.pid);
  const hard = /^Max processes +\S+ +(\S+)/m.exec(readFileSync(`/proc/${running.pid}/limits`, 'utf8'))?.[1];
  const limit = async (soft: string) => {
    const prlimit = await start(...asUser(['prlimit', '--pid', String(running.pid), `--nproc=${soft}:`]));
    expect(await prlimit.closed).toEqual({ code: 0, signal: null });
  };
  await limit('1');
  process.kill(Number(ready[2]), 'SIGKILL');
  await running.stderr.lines(2, /^fork failed, to be tried again: .*EAGAIN/);
  await limit(hard as string);
  await replacement(running);
  process.kill(running.pid, 'SIGTERM');
  expect(await running.closed).toEqual({ code: 0, signal: null });
});
