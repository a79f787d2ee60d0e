// Flags of Node are the app's: what they name runs where the app runs, and the monitor is bare.
import { randomInt } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { close, listen } from '../../../src/posix/index.js';
import { APP, accepts, startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { ROOT, type Running, type StartOptions, start, startNode } from '../../helpers/process.js';

const CLI = join(ROOT, 'dist/cli/main.js');
const FIXTURES = join(ROOT, 'test/fixtures/start');
const SERVING = /monitor pid (\d+): serving on (127\.0\.0\.1:\d+) with (\d) worker/;

/** node FLAGS prefork start … */
function startWith(flags: readonly string[], args: readonly string[] = [APP], options: StartOptions = {}) {
  return startNode([...flags, CLI, 'start', '-w', '2', ...args], options);
}

/** Where the modules of the flags have run so far. */
function ranIn({ stdout }: Running): string[] {
  return [...stdout.text.matchAll(/^(flag\.\w+) runs in (.*)$/gm)].map(
    ([, file, title]) => `${file} ${title?.endsWith('node') ? 'node' : title}`,
  );
}

test('modules that flags name run in the zygote, not in the monitor that serves', async () => {
  const flags = ['--import', join(FIXTURES, 'flag.mjs')];
  const running = await startWith(flags, [APP], { env: { NODE_OPTIONS: `-r ${join(FIXTURES, 'flag.cjs')}` } });
  const [, monitor] = await running.line(SERVING);
  expect(Number(monitor)).toBe(running.pid);
  // Node has run them before this package could: then the process has executed itself anew.
  expect(ranIn(running)).toEqual([
    'flag.cjs node',
    'flag.mjs node',
    'flag.cjs prefork: zygote',
    'flag.mjs prefork: zygote',
  ]);
});

test('with --no-preload they run in each worker, hooks included, and not in the zygote', async () => {
  const flags = ['--import', join(FIXTURES, 'hooks.mjs'), '--import', './test/fixtures/start/flag.mjs'];
  const running = await startWith(flags, ['--no-preload', APP], {
    env: { NODE_OPTIONS: `-r ${join(FIXTURES, 'flag.cjs')}` },
  });
  await running.line(SERVING);
  const later = ranIn(running).filter((line) => !line.endsWith('node'));
  expect(later.sort()).toEqual([
    'flag.cjs prefork: worker 0',
    'flag.cjs prefork: worker 1',
    'flag.mjs prefork: worker 0',
    'flag.mjs prefork: worker 1',
  ]);
});

test('with --no-preload the flags may name packages, which are found from the working directory', async () => {
  const folder = temporaryFolder();
  const files = {
    'required/index.js': "console.log('required runs')",
    'imported/index.mjs': "console.log('imported runs')",
    'imported/package.json': '{ "exports": "./index.mjs" }',
  };
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, 'node_modules', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const flags = ['-r', 'required', '--import', 'imported'];
  const running = await startWith(flags, ['--no-preload', join(ROOT, APP)], { cwd: folder });
  await running.line(SERVING);
  // Once in the process that then executes itself anew, once in each worker.
  expect(running.stdout.text.match(/^(required|imported) runs$/gm)?.sort()).toEqual([
    ...Array(3).fill('imported runs'),
    ...Array(3).fill('required runs'),
  ]);
});

test('a flag that the app sets by itself is set in workers, too', async () => {
  const server = await startServer({ app: 'test/fixtures/start/compiled.cjs', workers: 1 });
  expect(await server.ask()).toBe('kept');
});

test('a loader is in each worker with --no-preload', async () => {
  const flags = ['--no-warnings', '--loader', join(FIXTURES, 'hooks.mjs')];
  const running = await startWith(flags, ['--no-preload', APP]);
  await running.line(SERVING);
});

test.for(['--import', '--loader'])('an app with hooks for import, by %s, is forked with their thread', async (flag) => {
  const running = await startWith(['--no-warnings', flag, join(FIXTURES, 'hooks.mjs')]);
  await running.line(SERVING);
  expect(running.stderr.text).not.toMatch(/failed to load/);
});

test('the app sees the flags as they were given, and so do the processes that it starts', async () => {
  const show = 'console.log(JSON.stringify([process.execArgv, process.env.NODE_OPTIONS]))';
  const folder = temporaryFolder();
  const app = join(folder, 'app.cjs');
  writeFileSync(app, `${show}; require(${JSON.stringify(join(FIXTURES, 'listening.cjs'))});`);
  const options = `-r ${join(FIXTURES, 'flag.cjs')} --no-deprecation`;
  const running = await startWith(['--stack-trace-limit=20'], [app], { env: { NODE_OPTIONS: options } });
  const [shown] = await running.stdout.line(/^\[\[.*/);
  expect(JSON.parse(shown)).toEqual([['--stack-trace-limit=20'], options]);
  await running.line(SERVING);
});

test('a monitor that executes itself anew keeps its sockets, its variables and its process id', async () => {
  const { fd, address } = listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => close(fd));
  const folder = temporaryFolder();
  writeFileSync(join(folder, '.env'), 'PREFORK_WORKERS=3\n');
  const flags = [`--env-file=${join(folder, '.env')}`, '-r', join(FIXTURES, 'flag.cjs')];
  const args = [process.execPath, ...flags, CLI, 'start', APP];
  const command = `LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"`;
  const running = await start('sh', ['-c', command, 'sh', ...args], { descriptors: [fd] });
  const [, monitor, where, workers] = await running.line(SERVING);
  expect([Number(monitor), where, workers]).toEqual([
    running.pid,
    `127.0.0.1:${(address as { port: number }).port}`,
    '3',
  ]);
});

test("--inspect opens its port in the zygote alone, and each worker's own after SIGUSR1", async () => {
  const port = freePorts(3);
  const running = await startWith([`--inspect=${port}`]);
  await running.line(SERVING);
  await running.lines(2, new RegExp(`Debugger listening on ws://127\\.0\\.0\\.1:${port}/`)); // By both executions.
  expect(await accepts(port)).toBe(false);

  process.kill(running.pid, 'SIGHUP');
  await running.line(new RegExp(`Debugger listening on ws://127\\.0\\.0\\.1:${port}/`));
  await running.line(/generation 2 serves/);
  expect(running.text).not.toMatch(/Starting inspector .* failed/);

  const [, pid] = await running.line(/worker 1 gen 2 pid (\d+): ready/);
  process.kill(Number(pid), 'SIGUSR1');
  await running.line(new RegExp(`Debugger listening on ws://127\\.0\\.0\\.1:${port + 2}/`));
});

test("the recipe for a profile of each worker, with the app's functions in it", async () => {
  const folder = temporaryFolder();
  const [, recipe = ''] =
    /```js\n(\/\/ profile\.cjs.*?)```/s.exec(readFileSync(join(ROOT, 'docs/apps.md'), 'utf8')) ?? [];
  const files = {
    'profile.cjs': recipe.replace('prefork/app', join(ROOT, 'dist/app/api/index.js')),
    'app.cjs': `
      const http = require('node:http');
      function compute() { for (const end = performance.now() + 100; performance.now() < end; ); }
      http.createServer((_, response) => { compute(); response.end(); }).listen(0, '127.0.0.1');`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const running = await startWith(['--require', './profile.cjs'], ['app.cjs'], { cwd: folder });
  const [, , address] = await running.line(SERVING);
  await fetch(`http://${address}`);
  process.kill(running.pid, 'SIGTERM');
  expect(await running.closed).toEqual({ code: 0, signal: null });
  const profiles = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  expect(profiles.sort()).toEqual([
    expect.stringMatching(/^worker-0-\d+\.cpuprofile$/),
    expect.stringMatching(/^worker-1-\d+\.cpuprofile$/),
  ]);
  const functions = profiles.flatMap((name) => {
    const { nodes } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile;
    return nodes.map(({ callFrame }) => callFrame.functionName);
  });
  expect(functions).toContain('compute');
});

interface Profile {
  readonly nodes: readonly { readonly callFrame: { readonly functionName: string } }[];
}

/** The first of so many ports in a row that nobody listens on, below those that the kernel hands out. */
function freePorts(count: number): number {
  const first = randomInt(20_000, 30_000);
  try {
    for (let i = 0; i < count; i++) close(listen({ host: '127.0.0.1', port: first + i }).fd);
    return first;
  } catch {
    return freePorts(count);
  }
}
