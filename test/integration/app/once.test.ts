// once() of prefork/app: one worker of a generation runs a function first, while the others wait.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Server, startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { startNode, startPrefork } from '../../helpers/process.js';

const APP = 'test/fixtures/connects/app.mjs';
const RUNS = /^the task runs in (\d+)$/;
const DONE = /^the task is done for (\d+)$/;

function start(...how: string[]): Promise<Server> {
  return startServer({ workers: 3, app: APP, appArgs: ['task', ...how] });
}

function runs({ running }: Server): number {
  return running.text.match(new RegExp(RUNS, 'gm'))?.length ?? 0;
}

test('one worker of each generation runs it; a worker that replaces another one does not', async () => {
  const server = await start('ends');
  const [, pid] = await server.running.line(RUNS);
  const done = await server.running.lines(3, DONE);
  expect(new Set(done.map(([, each]) => each)).size).toBe(3);
  expect(server.pids).toContain(Number(pid));
  process.kill(Number(pid), 'SIGKILL');
  await server.full([Number(pid)]);
  await server.running.line(DONE);
  expect(runs(server)).toBe(1);
  server.signal('SIGHUP');
  await server.running.line(/reload: generation 2 serves/);
  await server.running.lines(3, DONE);
  expect(runs(server)).toBe(2);
});

test('a worker that dies in it hands the turn to another one', async () => {
  const folder = temporaryFolder();
  const running = await startPrefork(['start', '-w', '3', APP, '--', 'task', 'hangs', join(folder, 'begun')]);
  const [, first] = await running.line(RUNS);
  process.kill(Number(first), 'SIGKILL');
  const [, second] = await running.line(RUNS);
  expect(second).not.toBe(first);
  await running.line(/serving on .* with 3 workers/);
  expect((await running.lines(3, DONE)).map(([, pid]) => pid)).toContain(second);
});

test('its error is that of all that wait, and is tried again by those that come after them', async () => {
  const running = await startPrefork(['start', '-w', '3', APP, '--', 'task', 'fails']);
  const [, first] = await running.line(RUNS);
  const failed = await running.lines(3, /^the task failed for (\d+): true RangeError E_TABLE$/);
  expect(new Set(failed.map(([, pid]) => pid)).size).toBe(3);
  expect(failed.map(([, pid]) => pid)).toContain(first);
  await running.line(/ {4}in the worker that ran once\("task"\)/);
  await running.line(RUNS);
  expect(await running.exit).toEqual({ code: 3, signal: null });
});

test('with --no-preload, too', async () => {
  const server = await startServer({ workers: 3, args: ['--no-preload'], app: APP, appArgs: ['task', 'ends'] });
  await server.running.lines(3, DONE);
  expect(runs(server)).toBe(1);
});

test('under plain node it just runs, and fails', async () => {
  const good = await startNode([APP, 'task', 'ends']);
  await good.line(RUNS);
  await good.line(DONE);
  const bad = await startNode([APP, 'task', 'fails']);
  expect(await bad.exit).toEqual({ code: 1, signal: null });
});

test.each([
  ['', () => {}],
  [1, () => {}],
  ['name', undefined],
])('once(%j, %s) is refused', async (name, fn) => {
  const { once } = await import('../../../src/app/api/index.js');
  await expect(once(name as never, fn as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
});
