// --warm-up and warmUp() of prefork/app: the app is asked before the fork.
import { expect, test } from 'vitest';
import { startServer } from '../../fixtures/start/server.js';
import { startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const APP = 'test/fixtures/start/warm-up.mjs';
const SCRIPT = 'test/fixtures/start/warm-up-script.mjs';
const ASKED = ['GET /first  127.0.0.1', 'POST /second words 127.0.0.1'];

test('a script asks the app before the fork, and each worker has what that has made of it', async () => {
  const server = await startServer({ app: APP, workers: 2, args: ['--warm-up', SCRIPT] });
  await server.running.line(/^warmed up: 200 \d+ \["GET/);
  expect(JSON.parse(await server.ask())).toEqual(ASKED);
  expect(server.running.text).not.toMatch(/timer|socket|warm-up:/);
  // Nobody has connected to a worker but this test.
  expect(server.workers.reduce((sum, { accepted, connections }) => sum + accepted + connections, 0)).toBeLessThan(3);
});

test('a worker that is forked later answers with the time of then', async () => {
  const server = await startServer({ app: APP, workers: 1, args: ['--warm-up', SCRIPT] });
  // The warm-up is over, and Node keeps a date's text until the end of its second.
  const started = Date.now();
  await eventually('that second is over', () => Date.now() > started + 2000);
  const [pid = 0] = server.pids;
  process.kill(pid, 'SIGKILL');
  await server.full([pid]);
  const before = Math.floor(Date.now() / 1000) * 1000;
  const date = (await fetch(server.url)).headers.get('date');
  expect(Date.parse(date ?? '')).toBeGreaterThanOrEqual(before);
});

test('what is not answered, or badly, is named once and given up, and so is a warm-up that fails', async () => {
  const server = await startServer({ app: APP, workers: 1, appArgs: ['hook'] });
  expect(JSON.parse(await server.ask())).toEqual(['nothing', 500, 'nothing', 200]);
  const { text } = server.running;
  expect(text.match(/warm-up: GET \/hangs had no answer within 1 s/g)).toHaveLength(1);
  expect(text).toMatch(/zygote gen 1 pid \d+: warm-up: GET \/fails was answered with 500/);
  expect(text).toMatch(/the warm-up of .*warm-up\.mjs:12:3 failed: a mistake/);
});

test('over TLS, too', async () => {
  const server = await startServer({ app: APP, workers: 1, appArgs: ['https'] });
  expect(server.running.text).toMatch(/^over TLS: 200 \["GET \/ {2}127\.0\.0\.1"\]$/m);
});

test.each([
  ['that is not there', 'nowhere.mjs', /cannot load nowhere\.mjs of --warm-up: Cannot find module/],
  ['that exports no function', 'test/fixtures/apps/tls/index.mjs', /of --warm-up is to export a function by default/],
])('a script %s ends the start', async (_, script, reason) => {
  const running = await startPrefork(['start', '-w', '1', '--warm-up', script, APP]);
  expect(await running.closed).toEqual({ code: 4, signal: null });
  expect(running.text).toMatch(reason);
});

test('without a server before the fork there is none, which is said', async () => {
  const server = await startServer({ app: APP, workers: 1, args: ['--no-preload', '--warm-up', SCRIPT] });
  expect(server.running.text).toMatch(
    /there is no warm-up: no server of the app that speaks HTTP\/1 waits for clients/,
  );
});
