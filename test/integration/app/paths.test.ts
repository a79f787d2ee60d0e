// prefork start: sockets with a path or a name of the unix domain, and what else uses these.
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { close, connect, groupId, socket, userId } from '../../../src/posix/index.js';
import { readServer } from '../../../src/scoreboard/index.js';
import { APP, addressesOf, answering, ask } from '../../fixtures/listen/ask.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { isAlive } from '../../helpers/proc.js';
import { type Running, startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const WORKERS = 2;
const MODES = [{ flags: [] }, { flags: ['--no-preload'] }];

function socketPath(): string {
  return join(temporaryFolder(), 'app.sock');
}

/** Starts the app with a server on this path, and waits until all workers serve. */
async function serve(way: string, args: readonly string[], flags: readonly string[] = []): Promise<Running> {
  const running = await startPrefork(['start', '-w', `${WORKERS}`, ...flags, APP, '--', way, ...args]);
  await addressesOf(running);
  return running;
}

async function stop(running: Running): Promise<void> {
  process.kill(running.pid, 'SIGTERM');
  expect(await running.closed).toEqual({ code: 0, signal: null });
}

async function reload(running: Running, result: RegExp): Promise<void> {
  process.kill(running.pid, 'SIGHUP');
  await running.line(result);
}

/** The workers, once those of the generation before have left. */
function workersOf({ pid }: Running): Promise<number[]> {
  return eventually('others have left', () => {
    const pids = readServer(pid).workers.map((worker) => worker.pid);
    return pids.length === WORKERS && pids;
  });
}

async function allAnswer(running: Running, path: string): Promise<void> {
  const workers = await workersOf(running);
  expect(await answering({ path })).toEqual(new Set(workers));
}

/** The file modes that others may set as well. */
const modeOf = (path: string) => statSync(path).mode & 0o777;

test.each(MODES)(
  'the app takes its path away before it listens %j: a reload leaves it reachable',
  async ({ flags }) => {
    const path = socketPath();
    const running = await serve('unlink', [path], flags);
    for (const generation of [2, 3]) {
      await reload(running, new RegExp(`generation ${generation} serves`));
      await allAnswer(running, path);
    }
    await stop(running);
    expect(readdirSync(dirname(path))).toEqual([]);
  },
);

test('a reload that fails after it took the path away leaves the workers reachable', async () => {
  const path = socketPath();
  const running = await serve('unlinkAndThrow', [path]);
  await reload(running, /generation 2 failed/);
  expect((await answering({ path })).size).toBe(WORKERS);
});

test.each(MODES)('so do the death of a zygote and of workers %j', async ({ flags }) => {
  const path = socketPath();
  const running = await serve('unlink', [path], flags);
  const { zygote } = readServer(running.pid).description;
  process.kill(zygote?.pid as number, 'SIGKILL');
  await running.line(/zygote gen 2 .*the app is loaded/);
  await ask({ path });
  for (const pid of await workersOf(running)) process.kill(pid, 'SIGKILL');
  await running.lines(WORKERS, /worker \d gen 2 .*: ready/);
  await allAnswer(running, path);
});

test('a worker that removes the path when it leaves does not take its siblings with it', async () => {
  const path = socketPath();
  const running = await serve('unlink', [path]);
  const pid = await ask({ path }, '/unlink');
  expect(readdirSync(dirname(path))).not.toContain('app.sock');
  process.kill(pid, 'SIGKILL');
  await running.lines(WORKERS + 1, /worker \d gen 1 .*: ready/);
  expect((await answering({ path })).size).toBe(WORKERS);
});

test('an app that makes its folder anew: a reload that succeeds leaves it reachable', async () => {
  const folder = join(temporaryFolder(), 'run');
  const path = join(folder, 'app.sock');
  const running = await serve('removeFolder', [folder, path]);
  await reload(running, /generation 2 serves/);
  await allAnswer(running, path);
  await stop(running);
  expect(readdirSync(folder)).toEqual([]);
});

test('another program that listens on the path meanwhile keeps it, and a reload fails', async () => {
  const path = socketPath();
  const running = await serve('at', [JSON.stringify({ path })]);
  rmSync(path);
  const other = createServer((socket) => socket.destroy()).listen(path);
  onTestFinished(() => other.close() as unknown as undefined);
  await reload(running, /generation 2 failed/);
  expect(running.stderr.text).toContain(`listen EADDRINUSE: address already in use ${path}`);
  await stop(running);
  expect(readdirSync(dirname(path))).toEqual(['app.sock']);
});

test('a monitor that was killed leaves names, which the next start takes away', async () => {
  const path = socketPath();
  const first = await serve('at', [JSON.stringify({ path })]);
  const workers = await workersOf(first);
  process.kill(first.pid, 'SIGKILL');
  await first.closed;
  await eventually('its workers are gone', () => workers.every((pid) => !isAlive(pid)));
  expect(readdirSync(dirname(path)).sort()).toEqual([`.prefork-${first.pid}-app.sock`, 'app.sock']);

  const second = await serve('at', [JSON.stringify({ path })]);
  expect(readdirSync(dirname(path)).sort()).toEqual([`.prefork-${second.pid}-app.sock`, 'app.sock']);
  await ask({ path });
  await stop(second);
  expect(readdirSync(dirname(path))).toEqual([]);
});

test.each(MODES)("the path's permissions are by the app's umask, and what it makes of them %j", async ({ flags }) => {
  const [open, shut, changed] = [socketPath(), socketPath(), socketPath()];
  await serve('umask', [open, '0'], flags);
  expect(modeOf(open)).toBe(0o777);
  await serve('umask', [shut, '077'], flags);
  expect(modeOf(shut)).toBe(0o700);
  const running = await serve('chmod', [changed, '620'], flags);
  expect(modeOf(changed)).toBe(0o620);
  // Nor does a worker that asks for it once more.
  const [pid] = await workersOf(running);
  process.kill(pid as number, 'SIGKILL');
  await running.lines(WORKERS + 1, /worker \d gen 1 .*: ready/);
  expect(modeOf(changed)).toBe(0o620);
});

test.each(MODES)('readableAll and writableAll %j', async ({ flags }) => {
  const [readable, writable, both] = [socketPath(), socketPath(), socketPath()];
  const options = [
    { path: readable, readableAll: true },
    { path: writable, writableAll: true },
    { path: both, readableAll: true, writableAll: true },
  ];
  const before = process.umask(0o077);
  try {
    await serve(
      'all',
      options.map((each) => JSON.stringify(each)),
      flags,
    );
  } finally {
    process.umask(before);
  }
  expect([readable, writable, both].map(modeOf)).toEqual([0o744, 0o722, 0o766]);
});

test('--socket-mode goes before all that the app says, on its own paths and those of --listen', async () => {
  const [own, listen] = [socketPath(), socketPath()];
  const app = [{ port: 1 }, { path: own, readableAll: true, writableAll: true }].map((each) => JSON.stringify(each));
  await serve('all', app, ['--socket-mode', '640', '--listen', `unix:${listen}`]);
  expect([own, listen].map(modeOf)).toEqual([0o640, 0o640]);
});

test.runIf(process.getuid?.() === 0)('--socket-owner, by names and by numbers', async () => {
  const path = socketPath();
  const running = await serve('unlink', [path], ['--socket-owner', 'nobody:nogroup', '--socket-mode', '660']);
  const owner = () => [statSync(path).uid, statSync(path).gid, modeOf(path)];
  expect(owner()).toEqual([userId('nobody'), groupId('nogroup'), 0o660]);
  await reload(running, /generation 2 serves/);
  expect(owner()).toEqual([userId('nobody'), groupId('nogroup'), 0o660]);
  const other = socketPath();
  await serve('unlink', [other], ['--socket-owner', ':12345']);
  expect([statSync(other).uid, statSync(other).gid]).toEqual([0, 12345]);
});

test.each([
  ['nosuchuser', "--socket-owner: there is no user 'nosuchuser' on this machine"],
  [':nosuchgroup', "--socket-owner: there is no group 'nosuchgroup' on this machine"],
])('--socket-owner %s: it does not start', async (owner, message) => {
  const running = await startPrefork(['start', '--socket-owner', owner, APP, '--', 'unlink', socketPath()]);
  expect(await running.closed).toEqual({ code: 1, signal: null });
  expect(running.stderr.text).toBe(`prefork: ${message}\n`);
});

test.each([
  ['the app', (name: string) => ({ flags: [], options: { path: `\0${name}` } })],
  ['--listen', (name: string) => ({ flags: ['--listen', `unix:@${name}`], options: { port: 1 } })],
])('a name of the abstract namespace, by %s', async (by, make) => {
  const name = `prefork test ${process.pid} ${Math.random()}`;
  const { flags, options } = make(name);
  const running = await startPrefork(['start', '-w', '2', ...flags, APP, '--', 'at', JSON.stringify(options)]);
  expect(await addressesOf(running)).toEqual([`@${name}`]);
  // Clients of this Node may fill the name up, as its servers do; those of --listen have it as it is.
  const reach = () => (by === 'the app' ? ask({ path: `\0${name}` }) : connectAbstract(`\0${name}`));
  for (let i = 0; i < 4; i++) await reach();
  await reload(running, /generation 2 serves/);
  await reach();
  await stop(running);
  await expect(reach()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

async function connectAbstract(path: string): Promise<void> {
  const fd = socket({ family: 'unix' });
  try {
    connect(fd, { family: 'unix', path });
  } finally {
    close(fd);
  }
}

test('a relative path means the folder that the app is in then, also one that is too far from the root', async () => {
  const far = join(temporaryFolder(), 'x'.repeat(120));
  mkdirSync(far);
  await serve('chdir', [far, 'app.sock']);
  expect(readdirSync(far).filter((name) => name === 'app.sock')).toEqual(['app.sock']);
  // Clients have the same limit: they reach it from the folder, or under a shorter name.
  const near = join(dirname(far), 'near');
  renameSync(far, near);
  await ask({ path: join(near, 'app.sock') });
});

test.each([
  ['ENAMETOOLONG: name too long', () => `/tmp/${'x'.repeat(120)}`],
  ['ENOENT: no such file or directory', () => join(temporaryFolder(), 'no', 'app.sock')],
  ['ENOTDIR: not a directory', () => '/dev/null/app.sock'],
  [
    'EADDRINUSE: address already in use',
    () => {
      const path = socketPath();
      writeFileSync(path, '');
      return path;
    },
  ],
])('a path that cannot be had is named, with the real error: %s', async (error, make) => {
  const path = make();
  const running = await startPrefork(['start', '-w', '1', APP, '--', 'report', JSON.stringify({ path })]);
  const [, said = ''] = await running.stdout.line(/^error (.*)/);
  const [code] = error.split(':');
  const expected = { message: `listen ${error} ${path}`, code, syscall: 'listen', address: path, port: -1 };
  expect(JSON.parse(said)).toMatchObject(expected);
  expect(await running.closed).toEqual({ code: 4, signal: null });
});
