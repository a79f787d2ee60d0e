import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answer, Releases, reload } from '../../fixtures/start/releases.js';
import { type Server, type ServerOptions, startServer } from '../../fixtures/start/server.js';
import { startNode, startPrefork } from '../../helpers/process.js';

const PROGRAM = 'node_modules/.bin/prefork';

/** Two releases with a copy of prefork each, of which 'current' leads to the first. */
function installed(): Releases {
  const releases = new Releases();
  for (const release of [1, 2]) {
    releases.add(release);
    releases.install(release);
  }
  releases.swap(1);
  return releases;
}

/** In 'current', as a shell starts it. */
function started(releases: Releases, options: ServerOptions = {}): Promise<Server> {
  const { current } = releases;
  return startServer({ app: 'app.mjs', program: [PROGRAM], cwd: current, env: { PWD: current }, ...options });
}

/** The addon that a process has loaded, which lies beside prefork's program. */
function addonOf(pid: number | undefined): string | undefined {
  return /\S*\/prefork\.node/.exec(readFileSync(`/proc/${pid}/maps`, 'utf8'))?.[0];
}

const ways: readonly [string, (releases: Releases) => ServerOptions][] = [
  ['a relative path', () => ({})],
  [
    'a path through current',
    ({ current }) => ({ program: [join(current, PROGRAM)], args: ['--cwd', current], cwd: '/' }),
  ],
  ['the real path of its release', (releases) => ({ program: [releases.path(1, PROGRAM)] })],
  [
    'its real path, with an app through current',
    ({ current, folder }) => ({
      program: [join(folder, 'releases/1', PROGRAM)],
      app: join(current, 'app.mjs'),
      cwd: '/',
    }),
  ],
];

test.for(ways)('prefork that is started by %s goes on when its release is removed', async ([, options]) => {
  const releases = installed();
  const server = await started(releases, { args: ['--status-port', '0'], ...options(releases) });
  releases.swap(2);
  releases.remove(1);
  expect(await reload(server)).toMatchObject({ code: 0 });
  expect(await answer(server)).toMatchObject({ code: 2 });
  const before = await server.full();
  const addon = releases.path(2, 'node_modules/prefork/build/Release/prefork.node');
  expect([server.zygote, ...before.map(({ pid }) => pid)].map(addonOf)).toEqual([addon, addon, addon]);

  const zygote = server.zygote as number;
  process.kill(zygote, 'SIGKILL');
  await server.running.line(/zygote gen 3 pid \d+: the app is loaded/);
  const [victim] = server.pids as [number];
  process.kill(victim, 'SIGKILL');
  const after = await server.full([zygote, victim]);
  expect(after.map(({ generation }) => generation).sort()).toEqual([2, 3]);
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  await server.gone();
});

test('a service of a program in the release goes on when that is removed', async () => {
  const releases = installed();
  writeFileSync(
    releases.path(1, 'caller.mjs'),
    `import { serve } from 'prefork';
    const { pid, addresses } = await serve({ app: './app.mjs', workers: 1 });
    console.log('served by', pid, 'at', addresses[0]);`,
  );
  const caller = await startNode(['caller.mjs'], { cwd: releases.current, env: { PWD: releases.current } });
  const [, pid, address] = await caller.line(/served by (\d+) at (\S+)/);
  releases.swap(2);
  releases.remove(1);
  const command = await startPrefork(['reload', pid as string]);
  expect(await command.closed).toMatchObject({ code: 0 });
  const response = await fetch(`http://${address}/`, { headers: { connection: 'close' } });
  expect(await response.json()).toMatchObject({ code: 2, cwd: releases.path(2), pwd: releases.current });
});

test('the status page is served when the release of the monitor is removed', async () => {
  const releases = installed();
  const server = await started(releases, { args: ['--status-port', '0'] });
  const [, url] = await server.running.line(/status on (http:\S+)/);
  releases.swap(2);
  releases.remove(1);
  for (const path of ['', 'status.json', 'metrics', 'readyz']) {
    expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 200]);
  }
});

test('a release with a prefork of another protocol fails the reload, which says to start anew', async () => {
  const releases = installed();
  rmSync(releases.path(2, 'node_modules'), { recursive: true });
  releases.install(2, (manifest) => ({ ...manifest, version: '9.8.7', zygote: { protocol: 99 } }));
  const server = await started(releases);
  releases.swap(2);
  const { code, text } = await reload(server);
  expect(code).toBe(1);
  expect(text).toContain(`${join(releases.current, PROGRAM)} is prefork 9.8.7 now, which the running`);
  expect(text).toContain('stop the service and start it again');
  expect(await answer(server)).toMatchObject({ code: 1 });
});

test("in a release without prefork the monitor's own is used while it is there; then the reload fails", async () => {
  const releases = installed();
  rmSync(releases.path(2, 'node_modules'), { recursive: true });
  const server = await started(releases);
  releases.swap(2);
  expect(await reload(server)).toMatchObject({ code: 0 });
  const missing = `there is no prefork at ${join(releases.current, PROGRAM)} any more`;
  const own = releases.path(1, 'node_modules/prefork');
  expect(server.running.text).toContain(`${missing}; that of ${own} is used`);
  expect(await answer(server)).toMatchObject({ code: 2, cwd: releases.path(2) });
  releases.remove(1);
  const { code, text } = await reload(server);
  expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining(`${missing}, nor at ${own}; install it`) });
  expect(await answer(server)).toMatchObject({ code: 2 });
});

test('where Node itself was removed with its release, the reload fails and says so', async () => {
  const releases = installed();
  mkdirSync(releases.path(1, 'bin'));
  const node = releases.path(1, 'bin/node');
  copyFileSync(process.execPath, node);
  const server = await started(releases, { node });
  releases.swap(2);
  releases.remove(1);
  expect(existsSync(node)).toBe(false);
  const { code, text } = await reload(server);
  expect(code).toBe(1);
  expect(text).toContain(`Node itself is gone: ${node}; stop the service and start it again`);
  expect(await answer(server)).toMatchObject({ code: 1 });
});
