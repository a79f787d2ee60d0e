// `prefork check app.js`: what it prints, and its exit status.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Report } from '../../../src/fork-safety/check/report.js';
import { answering } from '../../fixtures/safety/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { isAlive } from '../../helpers/proc.js';
import { ROOT, startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

/** The folder for what apps leave behind. */
const TMPDIR = mkdtempSync(join(tmpdir(), 'prefork-check-'));
afterAll(() => rmSync(TMPDIR, { recursive: true }));

const APP = join(ROOT, 'test/fixtures/safety/app.mjs');

async function check(...args: string[]) {
  const running = await startPrefork(['check', ...args], { env: { NODE_OPTIONS: '', TMPDIR } });
  const { code } = await running.closed;
  return { code, stdout: running.stdout.text, stderr: running.stderr.text };
}

async function checkJson(...args: string[]): Promise<{ code: number | null; stderr: string; report: Report }> {
  const { stdout, ...rest } = await check('--json', ...args);
  return { ...rest, report: JSON.parse(stdout) };
}

test('a clean app: status 0, with what was compared, and its own output on standard error', async () => {
  const { code, report, stderr } = await checkJson(APP, 'clean');
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'the app true\n' });
  expect(report).toMatchObject({ app: APP, verdict: 'clean', problems: [] });
  expect(report.findings.map(({ kind }) => kind)).toEqual(['random pool']);
  const { compared, same } = report.comparison;
  expect(same).toEqual([]);
  for (const source of ['process.pid', 'connected sockets', 'Math.random', 'crypto.randomUUID', 'crypto.randomBytes']) {
    expect(compared).toContain(source);
  }
  expect(compared.filter((source) => /^uuid\.v4, of |^the random pool of /.test(source))).not.toEqual([]);
});

test('a warning alone leaves the status 0', async () => {
  const { code, stdout } = await check(APP, 'timer');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /app\.mjs can be preforked\n\nWarnings:\n {2}1\. a timer of 1000 ms, whose function is at (.*\n)*What to do, .*:\n {2}1: if only one /,
  );
});

test('what is right for one process, and to be known of many: all of it is told, the most important first', async () => {
  const folder = temporaryFolder();
  const scheduler = join(folder, 'node_modules/node-cron');
  mkdirSync(scheduler, { recursive: true });
  writeFileSync(join(scheduler, 'index.js'), 'exports.schedule = () => {};');
  const app = join(folder, 'app.cjs');
  writeFileSync(app, `require('node-cron'); require(${JSON.stringify(join(ROOT, 'test/fixtures/apps/habits.cjs'))});`);
  const { code, report } = await checkJson(app);
  expect({ code, verdict: report.verdict }).toEqual({ code: 0, verdict: 'clean' });
  expect(report.findings.map(({ severity, message }) => [severity, message])).toEqual([
    ['warning', 'node-cron is loaded: its jobs run in every worker'],
    ['note', '2 pools of pg: up to 17 connections in every worker, and twice as many during a reload'],
    ['note', expect.stringMatching(/^an 'exit' listener at .*habits\.cjs:8:20 runs in every worker that leaves, /)],
  ]);
  expect(report.toDo.map(({ items }) => items)).toEqual([[1], [2], [3]]);
  expect(readdirSync(TMPDIR)).toEqual([]); // The app has removed its folder at its exit.
});

test('a beforeFork hook that never resolves: status 4, and where it was registered', async () => {
  const { code, report } = await checkJson('--spawn-timeout', '2s', APP, 'hangingHook');
  expect({ code, verdict: report.verdict }).toEqual({ code: 4, verdict: 'not loaded' });
  expect(report.problems).toEqual([
    expect.stringMatching(/^the beforeFork hook of .*app\.mjs:\d+:\d+ has not resolved for \d\.\d s$/),
  ]);
});

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'an app that computes for ever ends when %s ends the command',
  async (signal) => {
    const app = join(temporaryFolder(), 'app.cjs');
    writeFileSync(app, 'console.log("app " + process.pid); for (;;);');
    const command = await startPrefork(['check', app]);
    const [, pid] = await command.stderr.line(/^app (\d+)$/);
    process.kill(command.pid, signal);
    expect(await command.closed).toEqual({ code: null, signal });
    await eventually('the app has ended', () => !isAlive(Number(pid)));
  },
);

test('--preload: modules are loaded before the app, in their order', async () => {
  const first = 'test/fixtures/apps/preloaded.cjs';
  const { code, stderr } = await check('--preload', `./${first}`, '--preload', 'nanoid', APP, 'clean');
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^preloaded \d+\nthe app true\n$/) });
});

test('a connected socket: loaded once more, with its connect held; status 0, and what that means', async () => {
  const { port, asked } = await answering();
  const { code, report } = await checkJson(APP, 'socket', `${port}`);
  expect({ code, verdict: report.verdict, count: asked.count }).toEqual({ code: 0, verdict: 'clean', count: 1 });
  expect(report.findings).toEqual([
    expect.objectContaining({
      kind: 'held connect',
      severity: 'note',
      destination: `127.0.0.1:${port}`,
      message: expect.stringMatching(
        /^a connect to 127\.0\.0\.1:\d+, called at .*app\.mjs:\d+:\d+: held until the fork$/,
      ),
      remedy: expect.stringMatching(/workers × the size of a pool, twice that during a reload; .*once\(\)/),
    }),
  ]);
});

test('hooks that wait for a held connection have it', async () => {
  const { port, asked } = await answering();
  const { code, report } = await checkJson('--hold-connects', `127.0.0.1:${port}`, APP, 'waitingHook', `${port}`);
  expect({ code, verdict: report.verdict, count: asked.count }).toEqual({ code: 0, verdict: 'clean', count: 2 });
});

test('nobody at the other end: loaded once more, with the connect held', async () => {
  const { code, report } = await checkJson(APP, 'socket', '9');
  expect({ code, verdict: report.verdict }).toEqual({ code: 0, verdict: 'clean' });
  expect(report.findings.map(({ destination }) => destination)).toEqual(['127.0.0.1:9']);
});

test('a connected socket that is not to be held: status 1, and the remedies', async () => {
  const { port } = await answering();
  const { code, stdout } = await check('--hold-connects', 'none', APP, 'socket', `${port}`);
  expect(code).toBe(1);
  expect(stdout).toMatch(/app\.mjs cannot be preforked as it is\n/);
  expect(stdout).toMatch(
    new RegExp(`Refuses the fork:\n  1\\. fd \\d+ is connected to 127.0.0.1:${port}, opened at ${APP}:`),
  );
  expect(stdout).toMatch(/\nWhat to do, the most important first:\n {2}1: close it in beforeFork/);
});

test('the same socket with hooks: status 0, and each of two workers has its own connection', async () => {
  const { port, asked } = await answering();
  const { code, report, stderr } = await checkJson(APP, 'hooks', `${port}`);
  expect({ code, findings: report.findings, same: report.comparison.same }).toEqual({
    code: 0,
    findings: [],
    same: [],
  });
  expect(stderr.split('\n').filter(Boolean).sort()).toEqual(['the app true', 'worker 0 true', 'worker 1 true']);
  expect(asked.count).toBe(3);
});

test('connections that agents keep: each worker opens its own, at its first request', async () => {
  const { port, asked } = await answering();
  const { code, report, stderr } = await checkJson(APP, 'agents', `${port}`);
  expect({ code, findings: report.findings }).toEqual({ code: 0, findings: [] });
  const lines = stderr.split('\n').filter(Boolean).sort();
  expect(lines).toEqual(['the app true', 'worker 0 was answered', 'worker 1 was answered']);
  expect(asked.count).toBe(6);
});

test('the workers of a check are born of what those of a service are: warmed up, and without garbage', async () => {
  const { code, report, stderr } = await checkJson(APP, 'prepared');
  expect({ code, findings: report.findings }).toEqual({ code: 0, findings: [] });
  const [app, warm, ...workers] = stderr.split('\n').filter(Boolean);
  expect([app, warm]).toEqual(['the app true', 'warmed up with 200']);
  expect(workers.sort()).toEqual(['worker 0 has garbage: false', 'worker 1 has garbage: false']);
});

test('two workers that would give the same ids: status 1, and their source', async () => {
  const { code, report } = await checkJson(APP, 'sameIds');
  expect({ code, verdict: report.verdict }).toEqual({ code: 1, verdict: 'unsafe' });
  expect(report.comparison.same).toEqual([expect.stringMatching(/^uuid\.v1 \(node and clock sequence\), of /)]);
});

test.each([
  ['failingHook', 1],
  ['endingWorker', 7],
])('a worker that cannot live, %s: status 1', async (wrong, status) => {
  const { code, report } = await checkJson(APP, wrong);
  expect({ code, verdict: report.verdict }).toEqual({ code: 1, verdict: 'unsafe' });
  const problem = `no two workers to compare: a worker ended with status ${status}`;
  expect(report.problems).toEqual([problem, problem]);
});

test('an app that throws: its own stack trace, and status 4', async () => {
  const { code, stdout, stderr } = await check(APP, 'throws');
  expect(code).toBe(4);
  expect(stdout).toMatch(/app\.mjs cannot be loaded\n\nProblems:\n {2}1\. it ended with status 1\n/);
  expect(stderr).toMatch(/Error: no such module\n {4}at .*app\.mjs/);
});

test('an app that does not become quiet: status 4, and what keeps it busy', async () => {
  const { code, report } = await checkJson('--spawn-timeout', '2s', APP, 'busy');
  expect({ code, verdict: report.verdict }).toEqual({ code: 4, verdict: 'not loaded' });
  expect(report.problems).toContainEqual(expect.stringMatching(/^a timer of 60000 ms, whose function is at /));
  expect(report.problems).toContainEqual(expect.stringMatching(/^immediates: /));
});

test('an app without a server: status 4', async () => {
  const { code, report } = await checkJson(APP, 'ends');
  expect(code).toBe(4);
  expect(report.problems).toEqual(['it ended without a server that listens: nothing called server.listen()']);
});

test.each([[[]], [['--jsno', APP]], [['--spawn-timeout', 'soon', APP]]])('usage: status 2, %j', async (args) => {
  const { code, stdout, stderr } = await check(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^prefork: .*\n$/);
});
