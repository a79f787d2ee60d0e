import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Answer, answer, appOf, Releases, reload } from '../../fixtures/start/releases.js';
import { type Server, type ServerOptions, startServer } from '../../fixtures/start/server.js';
import { CLI } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

/** Two releases, of which 'current' leads to the first. */
function twoReleases(files?: Readonly<Record<string, string>>): Releases {
  const releases = new Releases();
  releases.add(1, files);
  releases.add(2, files);
  releases.swap(1);
  return releases;
}

async function started(releases: Releases, options: ServerOptions = {}): Promise<Server> {
  return startServer({ app: 'app.mjs', args: ['--cwd', releases.current], ...options });
}

/** The working directory of a process. */
function folderOf(pid: number | undefined): string {
  return readlinkSync(`/proc/${pid}/cwd`);
}

/** What the replacement of a killed worker answers; the others are asked as well, until it is its turn. */
async function answerAfterKill(server: Server): Promise<Answer> {
  const before = server.pids;
  process.kill(before[0] as number, 'SIGKILL');
  await server.full([before[0] as number]);
  for (;;) {
    const found = await answer(server);
    if (!before.includes(found.pid)) return found;
  }
}

const ways: readonly [string, (releases: Releases) => ServerOptions][] = [
  ['--cwd', ({ current }) => ({ args: ['--cwd', current] })],
  ['--cwd, relative', ({ folder }) => ({ cwd: folder, env: { PWD: folder }, args: ['--cwd', 'current'] })],
  [
    '--cwd, relative by ..',
    ({ current }) => ({ cwd: current, env: { PWD: current }, args: ['--cwd', '../../current'] }),
  ],
  ['PREFORK_CWD', ({ current }) => ({ env: { PREFORK_CWD: current } })],
  ['$PWD', ({ current }) => ({ cwd: current, env: { PWD: current } })],
  [
    '$PWD, and an absolute path',
    ({ current }) => ({ cwd: current, env: { PWD: current }, app: join(current, 'app.mjs') }),
  ],
  ['$PWD, and a path that is a link', ({ current }) => ({ cwd: current, env: { PWD: current }, app: 'link.mjs' })],
  [
    "the config file's folder",
    ({ folder }) => ({ cwd: folder, env: { PWD: folder }, args: ['-c', 'current/own.json'] }),
  ],
];

test.for(ways)('a reload loads the app from where %s leads now', async ([, options]) => {
  const releases = twoReleases({ 'own.json': '{ "cwd": "." }' });
  for (const release of [1, 2]) symlinkSync('app.mjs', releases.path(release, 'link.mjs'));
  const server = await startServer({ app: 'app.mjs', ...options(releases) });
  const pwd = releases.current;
  expect(await answer(server)).toMatchObject({ code: 1, cwd: releases.path(1), pwd });
  releases.swap(2);
  expect(await reload(server)).toEqual({ code: 0, text: 'generation 2 serves\n' });
  expect(await answer(server)).toMatchObject({ code: 2, cwd: releases.path(2), pwd });
  const workers = await server.full();
  for (const pid of [server.zygote, ...workers.map((worker) => worker.pid)]) {
    expect(folderOf(pid)).toBe(releases.path(2));
  }
  expect(folderOf(server.pid)).toBe('/');
  releases.remove(1);
  expect(await reload(server)).toEqual({ code: 0, text: 'generation 3 serves\n' });
  expect(await answer(server)).toMatchObject({ code: 2, cwd: releases.path(2), pwd });
});

test('the app has the script path that plain node would give it', async () => {
  const releases = twoReleases();
  const { current } = releases;
  const relative = await started(releases);
  expect(await answer(relative)).toMatchObject({ script: releases.path(1, 'app.mjs') });
  const absolute = await started(releases, { app: join(current, 'app.mjs') });
  expect(await answer(absolute)).toMatchObject({ script: join(current, 'app.mjs') });
});

test.for([
  ['names another folder', ({ folder }: Releases) => folder],
  ['is missing', () => undefined],
  ['is no plain path', ({ current }: Releases) => `${current}/../current`],
] as const)('a $PWD that %s is not heeded', async ([, pwd]) => {
  const releases = twoReleases();
  const server = await started(releases, { args: [], cwd: releases.current, env: { PWD: pwd(releases) } });
  releases.swap(2);
  expect(await reload(server)).toMatchObject({ code: 0 });
  expect(await answer(server)).toMatchObject({ code: 1, cwd: releases.path(1), pwd: releases.path(1) });
});

test('a folder that is removed and made again under its name is entered anew', async () => {
  const releases = twoReleases();
  const server = await started(releases, { args: ['--cwd', releases.path(1)] });
  releases.remove(1);
  releases.add(1, { 'app.mjs': appOf(7) });
  expect(await reload(server)).toMatchObject({ code: 0 });
  expect(await answer(server)).toMatchObject({ code: 7, cwd: releases.path(1) });
});

test.for([
  ['is missing', 'current'],
  ['leads nowhere', 'current, a link to releases/3'],
] as const)('while current %s, a reload fails and says so; the old code serves on', async ([way, words]) => {
  const releases = twoReleases();
  const server = await started(releases);
  if (way === 'is missing') unlinkSync(releases.current);
  else releases.swap(3);
  const { code, text } = await reload(server);
  expect(code).toBe(1);
  expect(text).toContain(`cannot change to the folder ${releases.folder}/${words}: ENOENT`);
  expect(await answer(server)).toMatchObject({ code: 1 });
  rmSync(releases.current, { force: true });
  releases.swap(2);
  expect(await reload(server)).toMatchObject({ code: 0 });
  expect(await answer(server)).toMatchObject({ code: 2 });
});

test('a link that is missing for a moment is waited for', async () => {
  const releases = twoReleases();
  const server = await started(releases);
  unlinkSync(releases.current);
  const reloaded = reload(server);
  await server.running.line(/reload: generation 2 is loaded/);
  releases.swap(2);
  expect(await reloaded).toMatchObject({ code: 0 });
  expect(await answer(server)).toMatchObject({ code: 2 });
});

test('a release without the app fails the reload by the name of both paths', async () => {
  const releases = twoReleases();
  const server = await started(releases);
  rmSync(releases.path(2, 'app.mjs'));
  releases.swap(2);
  const words = `cannot find the app ${releases.current}/app.mjs, which is ${releases.path(2)}/app.mjs`;
  const { code, text } = await reload(server);
  expect(code).toBe(1);
  expect(text).toContain(`the reload failed: the app failed to load: ${words}; what served serves on`);
  expect(server.running.text).toContain(words);
  expect(await answer(server)).toMatchObject({ code: 1 });
});

test('without a reload a new worker has the old code, and a new zygote what current leads to', async () => {
  const releases = twoReleases();
  const server = await started(releases);
  releases.swap(2);
  releases.remove(1);
  expect(await answerAfterKill(server)).toMatchObject({ code: 1 });
  process.kill(server.zygote as number, 'SIGKILL');
  await server.running.line(/zygote gen 2 pid \d+: the app is loaded, after \d+ ms, from .*\/releases\/2\/app\.mjs;/);
  expect(await answerAfterKill(server)).toMatchObject({ code: 2, cwd: releases.path(2) });
});

test('without preloading, all workers of a generation load the same release', async () => {
  const releases = twoReleases();
  const app = join(releases.current, 'app.mjs');
  const server = await started(releases, { app, args: ['--no-preload', '--cwd', releases.current] });
  releases.swap(2);
  expect(await answerAfterKill(server)).toMatchObject({ code: 1, cwd: releases.path(1) });
  expect(await reload(server)).toMatchObject({ code: 0 });
  expect(await answer(server)).toMatchObject({ code: 2, cwd: releases.path(2) });
});

test("Node's flags and prefork's preloaded modules are the new release's", async () => {
  const leaving = (name: string) => `(globalThis.loadedBefore ??= []).push('${name}');`;
  const releases = new Releases();
  for (const release of [1, 2]) {
    releases.add(release, {
      'flag.mjs': leaving(`flag ${release}`),
      'option.cjs': leaving(`option ${release}`),
      'module.mjs': leaving(`module ${release}`),
      '.env': `FROM_FILE=file ${release}\n`,
    });
  }
  releases.swap(1);
  const server = await started(releases, {
    cwd: releases.current,
    program: ['--env-file', '.env', '--require', './option.cjs', CLI],
    env: { PWD: releases.current, NODE_OPTIONS: '--import ./flag.mjs' },
    args: ['--preload', './module.mjs'],
  });
  const loaded = (release: number) => ({
    loadedBefore: ['option', 'flag', 'module'].map((name) => `${name} ${release}`),
    FROM_FILE: `file ${release}`,
  });
  expect(await answer(server)).toMatchObject(loaded(1));
  releases.swap(2);
  releases.remove(1);
  expect(await reload(server)).toMatchObject({ code: 0 });
  expect(await answer(server)).toMatchObject(loaded(2));
});

test('what the monitor itself makes stays in the release that it was started in, and is taken away', async () => {
  const releases = twoReleases();
  mkdirSync(releases.path(1, 'run'));
  const server = await started(releases, {
    cwd: releases.current,
    env: { PWD: releases.current },
    args: ['--pidfile', 'run/pid'],
  });
  releases.swap(2);
  expect(await reload(server)).toMatchObject({ code: 0 });
  expect(readFileSync(releases.path(1, 'run/pid'), 'utf8')).toBe(`${server.pid}\n`);
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  await eventually('the pidfile is gone', () => !existsSync(releases.path(1, 'run/pid')));
});
