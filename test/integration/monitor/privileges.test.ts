import { spawnSync } from 'node:child_process';
import { chownSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Figure } from '../../../src/figure/figure.js';
import { account, groupsOf, userId } from '../../../src/posix/index.js';
import { boardSocketPrefix } from '../../../src/scoreboard/board-socket.js';
import type { HistoryPoint } from '../../../src/status/index.js';
import { attempt } from '../../../src/util/attempt.js';
import { startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { TIMEOUT_MS } from '../../helpers/lines.js';
import { CLI, start } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const APP = 'test/fixtures/privileges/app.mjs';
const NOBODY = userId('nobody') ?? -1;
const nobody = account(NOBODY);
const NO_CAPABILITIES = '0000000000000000';

/** Only root can give an app another user, who must be able to read this checkout. */
const mayChangeUser =
  process.geteuid?.() === 0 &&
  nobody !== undefined &&
  spawnSync(process.execPath, [CLI, '--version'], { uid: NOBODY, gid: nobody.gid }).status === 0;

interface Found {
  readonly first: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] };
  readonly env: Readonly<Record<string, string>>;
  readonly now: Readonly<Record<string, string>> & { readonly limits: Readonly<Record<string, readonly string[]>> };
}

const found = async (server: { ask(path?: string): Promise<string> }, path?: string): Promise<Found> =>
  JSON.parse(await server.ask(path));

describe.runIf(mayChangeUser)('--user', () => {
  test('the app is the user from its first line on, without a way back', async () => {
    const server = await startServer({ app: APP, args: ['--user', 'nobody'] });
    const { gid, home } = nobody as NonNullable<typeof nobody>;
    const target = join(tmpdir(), `prefork-privileges-${server.pid}`);
    writeFileSync(target, '', { mode: 0o644 });
    onTestFinished(() => rmSync(target));
    const { first, env, now } = await found(server, `/?write=${target}`);
    expect(first).toEqual({ uid: NOBODY, gid, groups: groupsOf('nobody', gid) });
    expect(env).toEqual({ HOME: home, USER: 'nobody', LOGNAME: 'nobody' });
    expect(now).toMatchObject({
      ...{ CapInh: NO_CAPABILITIES, CapPrm: NO_CAPABILITIES, CapEff: NO_CAPABILITIES, CapBnd: NO_CAPABILITIES },
      ...{ CapAmb: NO_CAPABILITIES, NoNewPrivs: '1', Uid: Array(4).fill(NOBODY).join('\t'), write: 'EACCES' },
    });
    expect(now.limits.core).toEqual(['0', '0']);
    expect(uidOf(server.zygote as number)).toBe(NOBODY);
    expect(uidOf(server.pid)).toBe(0);
    expect(server.running.text).not.toContain('run as root');
  });

  test('the monitor, as root, replaces, reloads and stops such workers', async () => {
    const server = await startServer({ app: APP, args: ['--user', 'nobody'] });
    const before = server.pids;
    const killed = before[0] as number;
    process.kill(killed, 'SIGKILL');
    await server.full([killed]);
    server.signal('SIGHUP');
    await server.running.line(/generation 2 serves/);
    const workers = await server.full(before);
    for (const { pid, generation } of workers) expect([uidOf(pid), generation]).toEqual([NOBODY, 2]);
    expect((await found(server)).now).toMatchObject({ NoNewPrivs: '1', CapBnd: NO_CAPABILITIES });
    server.signal('SIGTERM');
    expect(await server.ended).toEqual({ code: 0, signal: null });
    await server.gone();
  });

  test('the kernel kills them with a monitor that is killed', async () => {
    const server = await startServer({ app: APP, args: ['--user', 'nobody'] });
    server.signal('SIGKILL');
    await server.gone();
  });

  test('a port that only root may open is served', async () => {
    const server = await startServer({ app: APP, args: ['--user', 'nobody', '--listen', `127.0.0.1:${lowPort()}`] });
    expect(server.port).toBeLessThan(1024);
    expect((await found(server)).first.uid).toBe(NOBODY);
  });

  test('the status page has a process of its own, which is the user, and is started again when it dies', async () => {
    const args = ['--user', 'nobody', '--status-port', '0'];
    const server = await startServer({ app: APP, args });
    const [, url] = await server.running.line(/status on (http:\/\/\S+)/);
    const ask = async (path: string) => (await fetch(`${url}${path}`, { headers: { connection: 'close' } })).text();
    expect([await ask('healthz'), await ask('readyz')]).toEqual(['ok\n', 'ready\n']);
    const { workers, monitor } = JSON.parse(await ask('status.json'));
    expect(workers).toHaveLength(2);
    expect(workers[0].usage.pss).toBeGreaterThan(2 ** 20);
    expect(monitor.pid).toBe(server.pid);
    const points = async (): Promise<HistoryPoint[]> => JSON.parse(await ask('history.json')).points;
    await vi.waitUntil(async () => (await points()).length > 0, { timeout: TIMEOUT_MS });
    const [first] = await points();
    // The app's processes are the same user's; the monitor is root's.
    const { processes, notes } = JSON.parse(await ask('figure.json')) as Figure;
    expect(processes.map(({ pid }) => pid)).toEqual(expect.arrayContaining([server.pid, server.zygote]));
    expect(notes).toContain(`The descriptors of ${server.pid} may not be read.`);
    const before = statusPids(server.pid);
    expect(before.map(uidOf)).toEqual([NOBODY]);
    process.kill(before[0] as number, 'SIGKILL');
    await server.running.line(/the status page's process is started again: it has ended/);
    await eventually('another one answers', () => statusPids(server.pid).some((pid) => !before.includes(pid)));
    expect(await ask('healthz')).toBe('ok\n');
    expect((await points())[0], 'the history survives it').toEqual(first);
    server.signal('SIGTERM');
    expect(await server.ended).toEqual({ code: 0, signal: null });
    await server.gone();
  });

  test('paths of sockets belong to the user', async () => {
    const folder = temporaryFolder();
    chownSync(folder, NOBODY, -1); // The app listens there with its own rights.
    const path = join(folder, 'socket');
    await startServer({ app: APP, args: ['--user', 'nobody'], appArgs: [path] });
    expect(statSync(path)).toMatchObject({ uid: NOBODY, gid: nobody?.gid });
  });

  test('group, groups, limits, and the way out', async () => {
    const server = await startServer({
      app: APP,
      args: [
        '--user=nobody',
        '--group=0',
        '--groups=1',
        '--groups=2',
        '--allow-new-privileges',
        '--rlimit=nofile=321',
        '--rlimit=core=0:4096',
      ],
    });
    const { first, now } = await found(server);
    expect(first).toMatchObject({ uid: NOBODY, gid: 0, groups: expect.arrayContaining([1, 2]) });
    expect(now).toMatchObject({ NoNewPrivs: '0', CapEff: NO_CAPABILITIES });
    expect(now.CapBnd).not.toBe(NO_CAPABILITIES);
    expect(now.limits).toEqual({ files: ['321', '321'], core: ['0', '4096'] });
  });

  test('--undumpable: /proc of zygote and workers is root’s', async () => {
    const server = await startServer({ app: APP, args: ['--user', 'nobody', '--undumpable'] });
    for (const pid of [server.zygote as number, ...server.pids]) expect(statSync(`/proc/${pid}/environ`).uid).toBe(0);
    expect((await found(server)).first.uid).toBe(NOBODY);
    const [killed] = server.pids as [number];
    process.kill(killed, 'SIGKILL');
    await server.full([killed]);
  });

  test('an app that the user cannot read is told with the folder that is in the way', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'app.mjs'), '');
    const failing = await start(process.execPath, [CLI, 'start', '--user', 'nobody', join(folder, 'app.mjs')]);
    expect(await failing.closed).toEqual({ code: 4, signal: null });
    expect(failing.text).toContain(
      `user nobody (--user) may not read ${folder}/app.mjs, since it may not enter ${folder};`,
    );
  });
});

/** `setpriv` as another user. */
const asNobody = ['--reuid', `${NOBODY}`, '--regid', `${nobody?.gid}`, '--clear-groups', process.execPath, CLI];

describe.runIf(mayChangeUser && spawnSync('setpriv', ['--version']).status === 0)('a monitor that is not root', () => {
  test('with --undumpable nobody of its user looks in, and --max-memory says what it counts', async () => {
    const args = ['--undumpable', '--max-memory', '1M', '--max-memory-kind', 'pss'];
    const server = await startServer({ node: 'setpriv', program: asNobody, app: APP, args });
    for (const pid of [server.pid, server.zygote as number, ...server.pids]) {
      expect([uidOf(pid), statSync(`/proc/${pid}/environ`).uid]).toEqual([NOBODY, 0]);
    }
    await server.running.line(/--max-memory counts the pages that workers share in full \(VmRSS\)/);
    await server.running.line(/to be replaced: it holds [1-9]\d* MiB/);
  });

  test('with --undumpable the monitor gives its scoreboard to its own user and root, and to nobody else', async () => {
    const server = await startServer({
      node: 'setpriv',
      program: asNobody,
      app: APP,
      args: ['--undumpable'],
      workers: 1,
    });
    const { pid } = server;
    const as = (uid: number, ...args: readonly string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
        uid,
        gid: uid,
        encoding: 'utf8',
      });
      return { status, text: stdout + stderr };
    };
    expect(as(NOBODY, 'status', `${pid}`)).toMatchObject({
      status: 0,
      text: expect.stringContaining(`monitor ${pid},`),
    });
    expect(as(NOBODY, 'status')).toMatchObject({ status: 0, text: expect.stringContaining(`monitor ${pid},`) });
    expect(as(NOBODY, 'status', `${pid}`).text).toContain('the memory of its processes may not be read');
    expect(as(0, 'status', `${pid}`).status).toBe(0);
    expect(as(1, 'status', `${pid}`).status).toBe(1);
    // Without capabilities root is as anybody where /proc is concerned.
    const bare = spawnSync('setpriv', [
      '--bounding-set=-all',
      '--inh-caps=-all',
      process.execPath,
      CLI,
      'status',
      `${pid}`,
    ]);
    expect(bare.status).toBe(0);
    expect(as(NOBODY, 'inspect', `${pid}`)).toMatchObject({ status: 0, text: expect.stringContaining('not dumpable') });
    expect(as(NOBODY, 'scale', '2', `${pid}`).status).toBe(0);
    await server.running.line(/target is 2 workers/);
    expect(as(1, 'stop', `${pid}`).status).toBe(1);
    expect(as(NOBODY, 'stop', `${pid}`)).toEqual({ status: 0, text: `server ${pid} has ended\n` });
    await server.ended;
  });

  test('who has a socket of such a name is not taken for the monitor', async () => {
    const server = await startServer({
      node: 'setpriv',
      program: asNobody,
      app: APP,
      args: ['--undumpable'],
      workers: 1,
    });
    const prefix = boardSocketPrefix(server.pid);
    const squatters = Array.from({ length: 20 }, (_, i) =>
      createServer((socket) => socket.end('b')).listen(`${prefix}${i}`),
    );
    onTestFinished(() => {
      for (const each of squatters) each.close();
    });
    const find = () =>
      readFileSync('/proc/net/unix', 'latin1')
        .split('@')
        .filter((name) => name.startsWith(prefix.slice(1)));
    await eventually('all are there', () => find().length === 21);
    const { status, stdout } = spawnSync(process.execPath, [CLI, 'status', `${server.pid}`], {
      ...{ uid: NOBODY, gid: nobody?.gid as number, encoding: 'utf8' },
    });
    expect([status, stdout]).toEqual([0, expect.stringContaining(`monitor ${server.pid},`)]);
  });

  test('it can be the user that --user names', async () => {
    const args = ['--user', 'nobody'];
    const server = await startServer({ node: 'setpriv', program: asNobody, app: APP, args });
    expect((await found(server)).now).toMatchObject({ NoNewPrivs: '1', CapEff: NO_CAPABILITIES });
  });
});

describe.runIf(process.geteuid?.() === 0)('as root', () => {
  test.each([
    ['without --user there is one warning', [], 1],
    ['--user root says that it is meant', ['--user', 'root'], 0],
  ])('%s', async (_, args, warnings) => {
    const server = await startServer({ args });
    expect(server.running.text.split('run as root').length - 1).toBe(warnings);
    expect(readFileSync(`/proc/${server.pids[0]}/status`, 'latin1')).toMatch(/^NoNewPrivs:\t0$/m);
  });
});

test.each([
  [['--user', 'no-such-user'], "--user: there is no user 'no-such-user' on this machine"],
  [['--user', '3999999999'], 'there is no account with this number; say its --group as well'],
  [['--user', '4294967295'], "--user: there is no user '4294967295' on this machine"],
  [['--group', '0'], '--group and --groups need --user'],
  [['--user', '0', '--groups', 'no-such-group'], "--groups: there is no group 'no-such-group' on this machine"],
  [['--rlimit', 'files=1'], 'NAME=VALUE or NAME=SOFT:HARD, of cpu, fsize'],
  [['--rlimit', 'nofile=2:1'], "not 'nofile=2:1'"],
])('%s is refused before anything is started', async (args, message) => {
  const failing = await start(process.execPath, [CLI, 'start', ...args, APP]);
  expect(await failing.closed).toEqual({ code: 2, signal: null });
  expect(failing.text).toContain(message);
});

test.runIf(mayChangeUser)('without root another user cannot be had', () => {
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'start', '--user', 'root', APP], {
    ...{ uid: NOBODY, gid: nobody?.gid as number, encoding: 'utf8' },
  });
  expect(stderr).toContain('--user root: this process has no CAP_SETUID and no CAP_SETGID; start it as root');
  expect(status).toBe(2);
});

test('a limit of the address space is warned of', async () => {
  const failing = await start(process.execPath, [CLI, 'start', '--rlimit', 'as=1000000000000000', APP]);
  await failing.line(/--rlimit as: V8 and WebAssembly reserve address space/);
  process.kill(failing.pid, 'SIGTERM');
  await failing.closed;
});

function uidOf(pid: number): number {
  return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}

/** The processes of the status page that a monitor has started, and that live. */
function statusPids(monitor: number): number[] {
  const children = readFileSync(`/proc/${monitor}/task/${monitor}/children`, 'latin1').trim().split(' ').map(Number);
  // One that has just died may be reaped meanwhile.
  const command = (pid: number) => attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
  return children.filter((pid) => command(pid)?.startsWith('prefork: status'));
}

/** A port below 1024 that is free, as it seems. */
function lowPort(): number {
  const taken = readFileSync('/proc/net/tcp', 'latin1');
  for (let port = 700; ; port++)
    if (!taken.includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} `)) return port;
}
