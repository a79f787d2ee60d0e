import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../helpers/folder.js';
import { outcomeOf, ROOT, type Running, startNode } from '../../helpers/process.js';

const SCOREBOARD = join(ROOT, 'dist/scoreboard/index.js');

/** Not a server, but described as one; `signals` is the code of handlers, that change `now` and call `write()`. */
async function startDescribed(signals: string, now: object = {}): Promise<Running> {
  const described = await startNode([
    '--input-type=module',
    '-e',
    `
    import { Scoreboard } from ${JSON.stringify(SCOREBOARD)};
    const board = Scoreboard.create();
    const now = { version: '0', pid: process.pid, app: '/app.js', args: [], cwd: '/', startedAt: Date.now(), target: 2,
      generation: 1, stopping: false, reload: { state: 'none', generation: 0 }, zygote: null, listeners: [],
      counters: { forked: 0, died: 0, killed: 0, reloads: 0 }, ...${JSON.stringify(now)} };
    const write = () => board.describe(now);
    const alive = setInterval(() => {}, 1000);
    ${signals}
    write();
    console.log('described');`,
  ]);
  await described.line(/^described$/);
  return described;
}

const RESIZES = `
  process.on('SIGTTIN', () => { console.log('in'); now.target++; write(); });
  process.on('SIGTTOU', () => { console.log('out'); now.target--; write(); });`;

test('scale sends as many signals as there are workers too few or too many', async () => {
  const { pid, stdout } = await startDescribed(RESIZES);
  expect(await outcomeOf('scale', '5', `${pid}`)).toEqual([0, `server ${pid} is to have 5 workers\n`]);
  expect(await outcomeOf('scale', '1', `${pid}`)).toEqual([0, `server ${pid} is to have 1 worker\n`]);
  expect(await outcomeOf('scale', '1', `${pid}`)).toEqual([0, `server ${pid} is to have 1 worker\n`]);
  await stdout.lines(3, /^in$/);
  await stdout.lines(4, /^out$/);
  expect(stdout.text).toBe(`described\n${'in\n'.repeat(3)}${'out\n'.repeat(4)}`);
});

test('a server that is about to end is not changed any more', async () => {
  const { pid } = await startDescribed("process.on('SIGHUP', () => {});", { stopping: true });
  expect(await outcomeOf('scale', '5', `${pid}`)).toEqual([1, `prefork: server ${pid} is about to end\n`]);
  expect(await outcomeOf('reload', `${pid}`)).toEqual([1, `prefork: server ${pid} is about to end\n`]);
});

/** The reload that runs already is done first, then comes the one that is asked for, with that result. */
const reloads = (result: string) => `process.on('SIGHUP', () => {
  now.reload = { state: 'done', generation: 2 };
  write();
  setTimeout(() => { now.reload = { state: 'running', generation: 3 }; write(); }, 100);
  setTimeout(() => { now.reload = ${result}; write(); }, 200);
});`;
const RUNNING = { reload: { state: 'running', generation: 2 } };

test('reload waits for the reload that it asked for', async () => {
  const { pid } = await startDescribed(reloads("{ state: 'done', generation: 3 }"), RUNNING);
  expect(await outcomeOf('reload', `${pid}`)).toEqual([0, 'generation 3 serves\n']);
});

test('a reload that fails says why', async () => {
  const { pid } = await startDescribed(reloads("{ state: 'failed', generation: 3, reason: 'a typo' }"), RUNNING);
  const text = 'prefork: the reload failed: a typo; what served serves on\n';
  expect(await outcomeOf('reload', `${pid}`)).toEqual([1, text]);
});

test('a server that dies meanwhile is no success', async () => {
  const { pid } = await startDescribed("process.on('SIGHUP', () => process.kill(process.pid, 'SIGKILL'));");
  expect(await outcomeOf('reload', `${pid}`)).toEqual([1, expect.stringContaining(`${pid}`)]);
});

test('stop waits for the end', async () => {
  const server = await startDescribed("process.on('SIGTERM', () => setTimeout(() => process.exit(7), 100));");
  expect(await outcomeOf('stop', `${server.pid}`)).toEqual([0, `server ${server.pid} has ended\n`]);
  expect(await server.exit).toEqual({ code: 7, signal: null });
});

test('stop --quick is SIGINT', async () => {
  const server = await startDescribed("process.on('SIGTERM', () => {});");
  expect(await outcomeOf('stop', '--quick', `${server.pid}`)).toEqual([0, `server ${server.pid} has ended\n`]);
  expect(await server.exit).toEqual({ code: null, signal: 'SIGINT' });
});

test('stop waits no longer than it is told', async () => {
  const { pid } = await startDescribed("process.on('SIGTERM', () => {});");
  const text = `prefork: server ${pid} is not done after 100ms; --quick waits for nothing\n`;
  expect(await outcomeOf('stop', '--timeout', '100ms', `${pid}`)).toEqual([1, text]);
});

test('a pidfile names the server', async () => {
  const { pid, stdout } = await startDescribed(RESIZES);
  const folder = temporaryFolder();
  const pidfile = join(folder, 'pid');
  writeFileSync(pidfile, `${pid}\n`);
  expect((await outcomeOf('scale', '3', '--pidfile', pidfile))[0]).toBe(0);
  await stdout.line(/^in$/);
  writeFileSync(pidfile, 'x\0\n');
  expect(await outcomeOf('stop', '--pidfile', pidfile)).toEqual([
    2,
    `prefork: what the pidfile ${pidfile} holds must be a process id, not 'x\\x00'\n`,
  ]);
});

test.each([
  [['reload', `${process.pid}`], 1, `prefork: process ${process.pid}: it is not a prefork server\n`],
  [['stop', 'x'], 2, "prefork: PID must be a process id, not 'x'\n"],
  [['stop', '1', '2'], 2, 'prefork: stop is for one server at a time\n'],
  [['stop', '1', '--pidfile', 'x'], 2, 'prefork: a PID or --pidfile; choose one\n'],
  [['stop', '--timeout', '1w', '1'], 2, /^prefork: --timeout must be a time .* not '1w'\n$/],
  [['stop', '--pidfile', '/none/x'], 1, /^prefork: cannot read the pidfile \/none\/x \(ENOENT\)/],
  [['scale'], 2, "prefork: how many workers? 'prefork scale 4'\n"],
  [['scale', '0'], 2, "prefork: N must be a whole number from 1 to 512, not '0'\n"],
])('%j ends with status %i', async (args, code, text) => {
  expect(await outcomeOf(...args)).toEqual([code, typeof text === 'string' ? text : expect.stringMatching(text)]);
});
