// Apps that fork workers of their own by node:cluster.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startServer } from '../../fixtures/start/server.js';
import { ROOT, startNode, startPrefork } from '../../helpers/process.js';

const APP = join(ROOT, 'test/fixtures/apps/cluster.cjs');
const CALL = `the app forks workers by node:cluster at ${APP}:\\d+:\\d+`;
const REMEDY = '.*where preforked of prefork/app is true';

test('status 4, with the place and the remedy; no worker of the app has been started', async () => {
  const running = await startPrefork(['start', '-w', '2', APP]);
  await running.line(new RegExp(`failed to load: ${CALL}; ${REMEDY}`));
  expect(await running.closed).toEqual({ code: 4, signal: null });
  expect(running.text).not.toMatch(/is connected to/);
});

test('check says the same', async () => {
  const running = await startPrefork(['check', APP]);
  await running.line(new RegExp(`^ {2}1\\. ${CALL}$`));
  await running.line(new RegExp(`^ {2}1: ${REMEDY}`));
  expect((await running.exit).code).toBe(4);
});

test('with the remedy it serves under prefork, and forks its own workers under plain node', async () => {
  const server = await startServer({ app: APP, args: ['--listen', '127.0.0.1:0'], workers: 2, appArgs: ['mended'] });
  expect(server.pids).toContain(Number(await server.ask()));
  const plain = await startNode([APP, 'mended']);
  const listening = await plain.lines(2, /^listening (\d+)$/);
  expect(new Set(listening.map(([, pid]) => pid)).size).toBe(2);
});

test('with --no-preload each worker of prefork forks its own, as under plain node', async () => {
  const server = await startServer({ app: APP, args: ['--no-preload'], workers: 1 });
  expect(server.pids).not.toContain(Number(await server.ask()));
});
