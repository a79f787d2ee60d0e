// A monitor that is short of descriptors, by its limit of open files.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { cpuTime } from '../../../src/proc/usage.js';
import { type Server, startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { ROOT, start, startNode } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { eventually } from '../../helpers/wait.js';

/** So many descriptors, and no more; its own number where nothing is said. */
function limit({ pid }: { readonly pid: number }, files: number): void {
  execFileSync('prlimit', ['--pid', `${pid}`, `--nofile=${files}:`]);
}

/** What part of a processor the monitor takes from now on for a second. */
async function busy({ pid }: Server): Promise<number> {
  const used = () => cpuTime(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  const before = used();
  await sleep(1000);
  return (used() - before) / 1000;
}

test('without a descriptor for a channel the service goes on, and is whole again when there are some', async () => {
  const server = await startServer({ workers: 3 });
  limit(server, 10);
  const victims = [server.pids[0] as number, server.zygote as number];
  process.kill(victims[0] as number, 'SIGKILL');
  await server.running.line(/cannot fork a worker for now: \w+ EMFILE: .*; raise the limit of open files/);
  process.kill(victims[1] as number, 'SIGKILL');
  await server.running.line(/cannot start a zygote for now: socketpair EMFILE: .*; raise the limit of open files/);
  expect(await busy(server)).toBeLessThan(0.2);
  expect(await server.ask()).toBe('1');
  limit(server, 1000);
  await server.full(victims);
  await server.running.line(/a zygote is started again, after .* in/);
  await server.running.line(/all workers are there again, after .* in/);
  expect(server.running.stderr.text.match(/cannot /g)).toHaveLength(2);
});

test('a service that has no worker left for want of descriptors waits for them', async () => {
  const server = await startServer({ workers: 1 });
  limit(server, 10);
  const victims = [server.zygote as number, ...server.pids];
  for (const pid of victims) process.kill(pid, 'SIGKILL');
  await server.running.line(/cannot start a zygote for now/);
  await sleep(2000); // Longer than the five attempts after which an app that does not load ends the service.
  const asked = server.ask();
  limit(server, 1000);
  expect(await asked).toBe('1');
  await server.full(victims);
});

test('a reload with more workers than there are descriptors for fails, and the present generation serves on', async () => {
  const server = await startServer({ workers: 12 });
  const before = server.pids;
  limit(server, readdirSync(`/proc/${server.pid}/fd`).length + 8);
  server.signal('SIGHUP');
  await server.running.line(/reload: generation 2 failed, its workers cannot be forked: socketpair EMFILE/);
  expect((await server.count(12)).map(({ pid }) => pid)).toEqual(before);
  limit(server, 1000);
  server.signal('SIGHUP');
  await server.running.line(/reload: generation 3 serves/);
  await server.full(before);
});

test('with no descriptor left the status port answers, one client after the other', async () => {
  const server = await startServer({ args: ['--status-port', '0'] });
  const [, url] = await server.running.line(/status on (http:\S+)/);
  const used = new Set(readdirSync(`/proc/${server.pid}/fd`).map(Number));
  let free = 0;
  while (used.has(free)) free++;
  limit(server, free + 4);
  // Four clients stay, the others come and go.
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const asks = Array.from({ length: 8 }, () => ask(`${url}readyz`, agent));
  expect(new Set(await Promise.all(asks))).toEqual(new Set(['ready\n']));
  for (let i = 0; i < 3; i++) expect(await ask(`${url}healthz`, agent)).toBe('ok\n');
});

function ask(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => resolve(text(response))).on('error', reject);
  });
}

test('a status port that cannot accept keeps no processor busy, and answers when it can', async () => {
  const server = await startServer({ args: ['--status-port', '0'] });
  const [, url] = await server.running.line(/status on (http:\S+)/);
  limit(server, 10);
  const asked = fetch(`${url}healthz`);
  await server.running.line(/the status port cannot accept for now: EMFILE/);
  expect(await busy(server)).toBeLessThan(0.2);
  limit(server, 1000);
  expect(await (await asked).text()).toBe('ok\n');
  await server.running.line(/the status port accepts again/);
});

test('a watchdog hears from a monitor that has no descriptor left', async () => {
  const socket = `@prefork ${randomUUID()}`;
  const manager = await startNode(['test/fixtures/start/manager.mjs', socket]);
  await manager.line(/^listening$/);
  const server = await startServer({ env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '100000' } });
  limit(server, 10);
  const beats = () => manager.text.match(/WATCHDOG=1/g)?.length ?? 0;
  const before = beats();
  await eventually('five beats more', () => beats() >= before + 5);
  expect(server.running.stderr.text).not.toMatch(/cannot tell/);
});

test('a zygote that has no descriptor left for a worker forks it when there is one', async () => {
  const server = await startServer();
  const zygote = server.zygote as number;
  limit({ pid: zygote }, readdirSync(`/proc/${zygote}/fd`).length);
  const [victim] = server.pids as [number];
  process.kill(victim, 'SIGKILL');
  await server.running.line(/cannot fork a worker for now: recvmsg EMFILE: .*; raise the limit of open files/);
  limit({ pid: zygote }, 1000);
  await server.full([victim]);
  expect(server.zygote).toBe(zygote);
});

// Root may have any number of them. Where it lacks CAP_SYS_RESOURCE, only the user itself may lower its limit.
testWith('setpriv', 'prlimit')(
  'a user who may have no more processes: the log says which limit that is',
  async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'only root can start a service with --user');
    const server = await startServer({ args: ['--user', 'nobody'] });
    const nobody = ['--reuid', 'nobody', '--regid', `${statSync(`/proc/${server.zygote}`).gid}`, '--clear-groups'];
    execFileSync('setpriv', [...nobody, 'prlimit', '--pid', `${server.zygote}`, '--nproc=1:']);
    const [victim] = server.pids as [number];
    process.kill(victim, 'SIGKILL');
    await server.running.line(/cannot fork a worker for now: \w+ EAGAIN: .*; raise the limit of processes: ulimit -u/);
    expect(await server.ask()).toBe('1');
    server.signal('SIGHUP');
    await server.running.line(/reload: generation 2 serves/);
    await server.full([victim]);
  },
);

test('a zygote that cannot fork is replaced when no worker is left', async () => {
  const folder = temporaryFolder();
  const NO_FORK = join(folder, 'now');
  const PREFORK_ADDON = join(ROOT, 'test/fixtures/start/no-fork.cjs');
  const server = await startServer({ workers: 1, env: { NO_FORK, PREFORK_ADDON } });
  const victims = [server.zygote as number, ...server.pids];
  writeFileSync(NO_FORK, '');
  process.kill(victims[1] as number, 'SIGKILL');
  await server.running.line(/cannot fork a worker for now: fork EAGAIN; raise the limit of processes/);
  await server.running.line(/zygote gen 1 pid \d+: is killed: it could not fork 5 times in a row/);
  await server.full(victims);
  expect(await server.ask()).toBe('1');
});

test('where no file may be large enough for the scoreboard, the start says which limit that is', async () => {
  const args = [join(ROOT, 'dist/cli/main.js'), 'start', join(ROOT, 'test/fixtures/start/app.mjs')];
  const p = await start('sh', ['-c', 'ulimit -f 0; exec "$0" "$@"', process.execPath, ...args]);
  expect(await p.closed).toEqual({ code: 1, signal: null });
  expect(p.text).toMatch(/^prefork: ftruncate EFBIG: .*; raise the limit on the size of files, .*ulimit -f/m);
});
