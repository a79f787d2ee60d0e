// A process manager that starts the monitor with an IPC channel of Node's, as PM2 does.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { APP } from '../../fixtures/start/server.js';
import { ROOT, startNode } from '../../helpers/process.js';

const CLI = join(ROOT, 'dist/cli/main.js');
const READY = /^message "ready"$/;

async function supervise(app: string, env: NodeJS.ProcessEnv = {}) {
  const running = await startNode(['test/fixtures/start/supervisor.mjs', CLI, '-w', '2', app], { env });
  return { running, say: (line: string) => running.stdin.write(`${line}\n`) };
}

test("it hears 'ready' once all workers serve, and nothing of prefork's own", async () => {
  const { running } = await supervise(APP);
  await running.line(/serving on/);
  await running.line(READY);
  expect(running.stdout.text.match(/^message/gm)).toHaveLength(1);
});

test("its 'shutdown' ends the service; what else it sends, and its end, does not", async () => {
  const { running, say } = await supervise(APP);
  await running.line(READY);
  say('a message for the app');
  say('shutdown');
  await running.line(/stopping: its supervisor says so/);
  await running.line(/^exit 0$/);
  expect(running.text).not.toMatch(/the program that started it/);
});

test('its end of the channel closes: the service goes on', async () => {
  const { running, say } = await supervise(APP);
  const [, pid] = await running.line(/monitor pid (\d+): serving on/);
  say('hang up');
  process.kill(Number(pid), 'SIGHUP');
  await running.line(/generation 2 serves/);
});

test("an app's process.send() reaches it, but for the workers' 'ready'", async () => {
  const { running } = await supervise('test/fixtures/start/sends-ready.cjs');
  await running.lines(2, /^message \{"type":"process:msg","data":\{"pid":\d+\}\}$/);
  await running.lines(2, /^sent null$/);
  await running.line(READY);
  expect(running.stdout.text.match(/^message "ready"$/gm)).toHaveLength(1);
});

test('the channel outlives an execution without flags', async () => {
  const { running, say } = await supervise(APP, { FLAGS: '-r ./test/fixtures/start/flag.cjs' });
  await running.line(READY);
  say('shutdown');
  await running.line(/^exit 0$/);
});
