// The package as npm would publish it, unpacked where a project has its packages. It is packed without scripts, since
// prepack compiles anew; the addon's sources, which prepack adds, are added here.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addonPath } from '../../../src/posix/binding.js';
import { ROOT, startNode } from '../../helpers/process.js';

let project: string;
let root: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'prefork-package-'));
  root = join(project, 'node_modules/prefork');
  mkdirSync(root, { recursive: true });
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { cwd: ROOT, stdio: 'ignore' });
  const archive = readdirSync(project).find((name) => name.endsWith('.tgz')) as string;
  execFileSync('tar', ['xzf', join(project, archive), '--strip-components', '1', '-C', root]);
  const pack = "(await import('./scripts/sources.mjs')).packSources(process.argv[1])";
  execFileSync(process.execPath, ['--input-type=module', '-e', pack, join(root, 'native.txt')], { cwd: ROOT });
  writeFileSync(
    join(project, 'app.mjs'),
    `import { createServer } from 'node:http';
    import { PreforkError } from 'prefork';
    import { worker } from 'prefork/app';
    import * as posix from 'prefork/posix';
    const answer = () => [worker.slot, posix.getpid() === process.pid, posix.PreforkError === PreforkError];
    createServer((request, response) => response.end(JSON.stringify(answer()))).listen(0, '127.0.0.1');`,
  );
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

const files = () =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

function run(...args: string[]) {
  const env = { PREFORK_ADDON: addonPath() };
  return startNode([join(root, 'dist/cli/main.js'), ...args], { cwd: project, env });
}

test('has few files, as npm takes its time with each, and whatever its code loads', () => {
  const all = files();
  expect(all.length).toBeLessThan(160);
  const missing = all
    .filter((file) => /\.c?js$/.test(file) && !file.includes('/page/'))
    .flatMap((file) => {
      const code = readFileSync(file, 'utf8');
      const modules = code.matchAll(/(?:\bfrom |\bimport ?|\b(?:import|require)\d?\()["'](\.{1,2}\/[^"'$]+)["']/g);
      const others = code.matchAll(/\bpackageFile\d*\("([^"]+)"/g);
      return [
        ...[...modules].map(([, path = '']) => join(dirname(file), path)),
        ...[...others].map(([, path = '']) => join(root, path)),
      ];
    })
    .filter((path) => !existsSync(path) && path !== join(root, 'build/Release/prefork.node'));
  expect(missing).toEqual([]);
});

test("its types are whole: TypeScript compiles what a project makes of them, and the package's own files", () => {
  writeFileSync(
    join(project, 'use.ts'),
    `import { type Config, PreforkError, type Snapshot, type Service, serve } from 'prefork';
    import { afterFork, type WorkerIdentity } from 'prefork/app';
    import { type Listener, listen, read } from 'prefork/posix';
    export const config: Config = { workers: 2, grace: '5s' };
    export const service: Promise<Service> = serve({ app: 'app.mjs', ...config });
    export const listener: Listener = listen({ port: 0 });
    export const slot = (worker: WorkerIdentity): number => worker.slot;
    export const pids = (snapshot: Snapshot): number[] => snapshot.workers.map(({ pid }) => pid);
    export const isOurs = (error: unknown): error is PreforkError => error instanceof PreforkError;
    export const overloads: [Buffer, number] = [read(0), read(0, Buffer.alloc(1))];
    afterFork(slot as never);
    // @ts-expect-error
    export const wrong: Config = { workers: {} };`,
  );
  const types = { typeRoots: [join(ROOT, 'node_modules/@types')], types: ['node'], skipLibCheck: false };
  const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, ...types };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', project], { stdio: ['ignore', 'inherit', 'inherit'] });
});

describe("npm's install script", () => {
  const sources = readdirSync(join(ROOT, 'native'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(cc|h)$/.test(name) && !/^(build|vendor)\//.test(name))
    .map((name) => `native/${name}`);

  /** With a node-gyp that only says so. */
  function install(env: Record<string, string> = {}) {
    const gyp = join(project, 'node-gyp.js');
    writeFileSync(gyp, "console.log('node-gyp was called');");
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    return spawnSync('sh', ['-c', scripts.install], {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}`, npm_config_node_gyp: gyp, ...env },
    });
  }

  function providePrebuilt(from: string) {
    const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
    const library = header.glibcVersionRuntime === undefined ? '-musl' : '';
    const folder = join(root, `prebuilds/linux-${process.arch}${library}`);
    mkdirSync(folder, { recursive: true });
    copyFileSync(from, join(folder, 'prefork.node'));
  }

  test('builds nothing where the prebuilt addon loads', () => {
    providePrebuilt(addonPath());
    expect(install()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(existsSync(join(root, 'native'))).toBe(false);
  });

  test('else makes files of all sources, and builds', () => {
    providePrebuilt(import.meta.filename);
    const first = install();
    expect(first).toMatchObject({ status: 0, stdout: 'node-gyp was called\n' });
    expect(first.stderr).toMatch(/the prebuilt addon does not load \(.*\)\nprefork: building the addon from source/);
    for (const path of sources) expect(readFileSync(join(root, path))).toEqual(readFileSync(join(ROOT, path)));
    const { targets } = JSON.parse(readFileSync(join(root, 'binding.gyp'), 'utf8'));
    for (const path of targets.flatMap(({ sources }: { sources: string[] }) => sources))
      expect(sources).toContain(path);
    expect(existsSync(join(root, 'native/vendor/node-addon-api/napi.h'))).toBe(true);
  });

  test('mends a source that has changed, and leaves the others as they are, which need not be compiled again', () => {
    const [changed, ...others] = sources as [string, ...string[]];
    writeFileSync(join(root, changed), '');
    const times = () => others.map((path) => statSync(join(root, path)).mtimeMs);
    const before = times();
    expect(install({ npm_config_build_from_source: 'true' }).stdout).toBe('node-gyp was called\n');
    expect(readFileSync(join(root, changed))).toEqual(readFileSync(join(ROOT, changed)));
    expect(times()).toEqual(before);
  });

  test('says so where it cannot write the sources', () => {
    rmSync(join(root, 'native'), { recursive: true });
    writeFileSync(join(root, 'native'), '');
    const { status, stderr } = install({ npm_config_build_from_source: 'true' });
    expect([status, stderr.trimEnd().split('\n').at(-1)]).toEqual([
      1,
      expect.stringMatching(/sources cannot be written/),
    ]);
  });
});

test('serves an app that uses all its modules', async () => {
  const monitor = await run('start', '--user', 'root', '-w', '1', 'app.mjs');
  const [, port] = await monitor.line(/serving on 127\.0\.0\.1:(\d+) with 1 worker/);
  expect(await (await fetch(`http://127.0.0.1:${port}`)).json()).toEqual([0, true, true]);
  const pid = `${monitor.pid}`;
  for (const args of [
    ['inspect', pid],
    ['status', pid],
    ['reload', pid],
    ['stop', pid],
  ]) {
    const command = await run(...args);
    expect([args[0], await command.closed]).toEqual([args[0], { code: 0, signal: null }]);
  }
  expect((await monitor.closed).code).toBe(0);
});

test('serves where there is no fork', async () => {
  const env = { PREFORK_PLATFORM: 'cluster', TMPDIR: project }; // It is killed, and its socket stays there.
  const args = [join(root, 'dist/cli/main.js'), 'start', '-w', '1', join(root, 'dist/compare/programs/app.js')];
  const primary = await startNode(args, { cwd: project, env: { ...env, PORT: '0' } });
  await primary.line(/ with 1 worker/);
});

test('checks an app', async () => {
  const check = await run('check', 'app.mjs');
  expect(await check.closed).toEqual({ code: 0, signal: null });
  expect(check.stdout.text).toContain('app.mjs can be preforked');
});

test("runs the tutorial's server and lessons, and shows them with their sources", async () => {
  for (const model of ['prefork', 'cluster', 'event-loop']) {
    const echo = await run('echo', '--port', '0', '--model', model);
    await echo.line(/^Listening on /);
  }
  const lesson = await run('lesson', '1');
  await lesson.line(/./);
  const view = await run('view', '--lesson', '2', '--port', '0');
  const [, address] = await view.line(/(http:\S+)/);
  const page = await fetch(address as string);
  expect(await page.text()).toContain('<html');
  const events = await fetch(new URL('events', address));
  const first = await events.body?.getReader().read();
  expect(new TextDecoder().decode(first?.value)).toContain('accept');
});
