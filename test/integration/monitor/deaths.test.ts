import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { traced } from '../../../src/compare/instruments/strace.js';
import { APP, startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { childrenOf, isAlive, processStat } from '../../helpers/proc.js';
import { startPrefork } from '../../helpers/process.js';
import { HAS_STRACE } from '../../helpers/strace.js';
import { eventually } from '../../helpers/wait.js';

const ABRUPT = ['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGALRM'] as const;
/** All that end a zygote, and a worker; signals.test.ts has those that do not. */
const FATAL = [...ABRUPT, 'SIGINT'] as const;

test('a worker that any signal ends is replaced, and the others serve on', async () => {
  const server = await startServer({ workers: 3 });
  for (const [i, signal] of [...FATAL, 'SIGTERM' as const].entries()) {
    const victim = server.workers[i % 3]?.pid as number;
    const others = server.pids.filter((pid) => pid !== victim);
    process.kill(victim, signal);
    const pids = (await server.full([victim])).map(({ pid }) => pid);
    expect(pids, signal).toEqual(expect.arrayContaining(others));
    expect(pids).toContain(Number(await server.ask('/pid')));
  }
});

test.runIf(HAS_STRACE)("the next worker is forked before the monitor tells of its predecessor's death", async () => {
  const server = await startServer({ workers: 2 });
  const monitor = server.running.pid;
  const [victim] = server.pids as [number];
  // The memory of the next one's report is made right before its fork; a line of the log is written by one of the others.
  const calls = await traced([monitor], ['memfd_create', 'sendto', 'pwritev2'], async () => {
    process.kill(victim, 'SIGKILL');
    await server.full([victim]);
  });
  expect(calls.map(({ name }) => name)[0]).toBe('memfd_create');
});

test('a zygote that any signal ends is replaced, while the workers serve on; the new one forks', async () => {
  const server = await startServer();
  for (const signal of FATAL) {
    const { zygote, pids } = server;
    process.kill(zygote as number, signal);
    expect(pids).toContain(Number(await server.ask('/pid')));
    const after = await server.full([zygote as number]);
    expect(
      after.map(({ pid }) => pid),
      signal,
    ).toEqual(pids);
  }
  const [first] = server.pids as [number];
  process.kill(first, 'SIGKILL');
  await server.full([first]);
  expect(server.workers.map(({ generation }) => generation)).toContain(FATAL.length + 1);
});

test('worker and zygote killed at the same time are both replaced', async () => {
  const server = await startServer();
  const victims = [server.zygote as number, ...server.pids];
  for (const pid of victims) process.kill(pid, 'SIGKILL');
  const pids = (await server.full(victims)).map(({ pid }) => pid);
  expect(pids).toContain(Number(await server.ask('/pid')));
});

test.for(ABRUPT)('when %s ends the monitor, no process is left and the port is free', async (signal) => {
  const server = await startServer();
  server.signal(signal);
  expect(await server.ended).toEqual({ code: null, signal });
  await server.gone();
});

test.for([
  ['SIGTERM', 0],
  ['SIGQUIT', 0],
  ['SIGINT', 130],
] as const)('%s ends the monitor with all the others', async ([signal, code]) => {
  const server = await startServer();
  server.signal(signal);
  expect(await server.ended).toEqual({ code, signal: null });
  await server.gone();
});

test('a worker that stands still is ended with the monitor, too', async () => {
  const server = await startServer();
  for (const pid of server.pids) process.kill(pid, 'SIGSTOP');
  server.signal('SIGKILL');
  await server.ended;
  await server.gone();
});

/** Not before it has its title: until then it is the fork that fails, or one that was started early is replaced. */
function loadingZygote(monitor: number, others: readonly number[] = []): Promise<number> {
  return eventually('it loads', () => {
    const child = childrenOf(monitor).find(({ pid }) => !others.includes(pid));
    return (
      child !== undefined &&
      readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').startsWith('prefork: zygote') &&
      child.pid
    );
  });
}

test('a zygote that dies while it loads for the first time ends the service', async () => {
  const { pid, closed, stderr } = await startPrefork(['start', APP]);
  process.kill(await loadingZygote(pid), 'SIGKILL');
  expect(await closed).toEqual({ code: 4, signal: null });
  expect(stderr.text).toMatch(/the app failed to load: it ended with SIGKILL/);
});

test('a zygote that dies while it loads for a reload leaves the workers serving', async () => {
  const server = await startServer();
  const before = [server.zygote as number, ...server.pids];
  server.signal('SIGHUP');
  process.kill(await loadingZygote(server.pid, before), 'SIGKILL');
  await server.running.line(
    /reload: generation 2 failed, the app failed to load: it ended with SIGKILL; the present one serves on/,
  );
  expect([server.zygote, ...server.pids]).toEqual(before);
  expect(before).toContain(Number(await server.ask('/pid')));
});

test('a zygote that stands still forks when it goes on', async () => {
  const server = await startServer();
  const [victim] = server.pids as [number];
  process.kill(server.zygote as number, 'SIGSTOP');
  process.kill(victim, 'SIGKILL');
  await server.running.line(new RegExp(`pid ${victim}: died`));
  expect(server.pids).toContain(Number(await server.ask('/pid')));
  process.kill(server.zygote as number, 'SIGCONT');
  await server.full([victim]);
});

test('a zygote that stands still for long is replaced, and no process is named for the worker that it owes', async () => {
  const server = await startServer({ args: ['--boot-timeout', '1s'] });
  const { zygote, pids } = server;
  const [victim] = pids as [number];
  process.kill(zygote as number, 'SIGSTOP');
  process.kill(victim, 'SIGKILL');
  await server.running.line(/worker \d gen 1: is killed: it was not ready within 1 s/);
  await server.running.line(new RegExp(`zygote gen 1 pid ${zygote}: ended with SIGKILL`));
  await server.full([victim]);
});

test('a worker that stands still before its first word is killed as well, and leaves nothing behind', async () => {
  const file = join(temporaryFolder(), 'stop');
  const args = ['--boot-timeout', '1s'];
  const server = await startServer({ args, app: 'test/fixtures/start/birth.mjs', appArgs: [file] });
  writeFileSync(file, '');
  const [victim] = server.pids as [number];
  process.kill(victim, 'SIGKILL');
  const newborn = await eventually('a worker stops in the midst of its birth', () => {
    return childrenOf(server.pid).find(({ state }) => state === 'T');
  });
  rmSync(file);
  await server.running.line(/worker \d gen 1: is killed: it was not ready within 1 s/);
  await server.running.line(new RegExp(`worker \\d gen 1 pid ${newborn.pid}: exited \\(SIGKILL\\)`));
  await server.full([victim, newborn.pid]);
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  await server.gone();
});

test('a worker that stands still is passed over, and replaced after --stuck-timeout', async () => {
  const server = await startServer({ args: ['--stuck-timeout', '2s'] });
  const [stopped] = server.pids as [number];
  process.kill(stopped, 'SIGSTOP');
  for (let i = 0; i < 10; i++) expect(Number(await server.ask('/pid'))).not.toBe(stopped);
  await server.running.line(new RegExp(`pid ${stopped}: is killed: its event loop has not turned`));
  await server.full([stopped]);
});

test('with --max-crashes none is forked once more have died within a minute, and the others serve on', async () => {
  const server = await startServer({ args: ['--max-crashes', '1'] });
  const [first, second] = server.pids as [number, number];
  process.kill(first, 'SIGSEGV');
  const [successor] = (await server.full([first])).flatMap(({ pid }) => (pid === second ? [] : [pid]));
  process.kill(second, 'SIGSEGV');
  await server.running.line(/more workers died within a minute than the 1 of --max-crashes/);
  await eventually('its death is seen', () => server.pids.length === 1);
  expect(server.pids).toEqual([successor]);
  expect(Number(await server.ask('/pid'))).toBe(successor);
});

test('a death leaves no zombie', async () => {
  const server = await startServer();
  const victims = [server.zygote as number, ...server.pids];
  for (const pid of victims) process.kill(pid, 'SIGKILL');
  await server.full(victims);
  await eventually('all are reaped', () => victims.every((pid) => processStat(pid) === undefined));
  expect(server.pids.every(isAlive)).toBe(true);
});
