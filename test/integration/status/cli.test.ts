import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../helpers/folder.js';
import { isAlive } from '../../helpers/proc.js';
import { outputsOf, ROOT, start, startPrefork } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { eventually } from '../../helpers/wait.js';
import { startDescribed } from './described.js';

test('a server is shown with its workers and what they take, even while it is stopped', async () => {
  const { pid } = await startDescribed();
  process.kill(pid, 'SIGSTOP');
  const { code, stdout } = await outputsOf('status', `${pid}`);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^prefork 9\.8\.7: \/srv\/app\.js$/m);
  expect(stdout).toMatch(/^listening on 127\.0\.0\.1:8080, 7 of 511 waiting$/m);
  expect(stdout).toMatch(new RegExp(`^ +0 +3 +${pid} +ready +0 .* [1-9][\\d.]* MiB$`, 'm'));
});

test("a worker's process id leads to its server", async () => {
  const described = await startDescribed();
  const worker = /worker (\d+)/.exec(described.text)?.[1] ?? '';
  const { stdout } = await outputsOf('status', '--json', worker);
  expect(JSON.parse(stdout)).toMatchObject({ description: { pid: described.pid }, monitor: { pid: described.pid } });
});

test('a worker that has ended is left out', async () => {
  const described = await startDescribed();
  const worker = Number(/worker (\d+)/.exec(described.text)?.[1]);
  process.kill(worker, 'SIGKILL');
  await eventually('the worker is gone', () => !isAlive(worker));
  const { workers } = JSON.parse((await outputsOf('status', '--json', `${described.pid}`)).stdout);
  expect(workers.map((left: { pid: number }) => left.pid)).toEqual([described.pid]);
});

test('a pidfile names the server', async () => {
  const folder = temporaryFolder();
  const { pid } = await startDescribed();
  const file = join(folder, 'server.pid');
  writeFileSync(file, `${pid}\n`);
  expect(JSON.parse((await outputsOf('status', '--json', '--pidfile', file)).stdout).description.pid).toBe(pid);
});

test('what is no server is an error', async () => {
  const { pid } = process;
  const no = { code: 1, stdout: '' };
  expect(await outputsOf('status', `${pid}`)).toEqual({
    ...no,
    stderr: `prefork: process ${pid}: it is not a prefork server\n`,
  });
  expect(await outputsOf('status', '4194305')).toEqual({ ...no, stderr: 'prefork: no such process: 4194305\n' });
});

test.each([
  [['x'], "PID must be a process id, not 'x'"],
  [['0'], "PID must be a process id, not '0'"],
  [['1', '2'], 'status shows one server at a time'],
  [['1', '--interval', '0'], "--interval must be 0.1 to 3600 seconds, not '0'"],
  [['1', '--interval', 'often'], "--interval must be 0.1 to 3600 seconds, not 'often'"],
])('prefork status %j is wrong', async (args, message) => {
  expect(await outputsOf('status', ...args)).toEqual({ code: 2, stdout: '', stderr: `prefork: ${message}\n` });
});

test('--watch --json is a line each time, until a signal', async () => {
  const { pid } = await startDescribed();
  const command = await startPrefork(['status', '--watch', '--json', '--interval', '0.1', `${pid}`]);
  const looks = await command.stdout.lines(3, /^\{.*\}$/);
  const requests = looks.map(([line]) => JSON.parse(line).workers[0].requests as number);
  expect(requests[0]).toBeLessThan(requests[2] ?? 0);
  process.kill(command.pid, 'SIGINT');
  expect(await command.exit).toEqual({ code: 0, signal: null });
});

test('--watch without a terminal is a table each time, with requests per second from the second on', async () => {
  const { pid } = await startDescribed();
  const command = await startPrefork(['status', '--watch', '--interval', '0.1', `${pid}`]);
  const tables = await command.stdout.lines(3, /^SLOT .*/);
  expect(tables.map(([line]) => line.includes('REQ/S'))).toEqual([false, true, true]);
  expect(command.text).not.toContain('\x1b');
});

testWith('bash')('--watch ends when its reader does', async () => {
  const { pid } = await startDescribed();
  const command = `exec node dist/cli/main.js status --watch --interval 0.1 ${pid}`;
  const shell = await start('bash', ['-c', `(${command}; echo $? >&2) | head -1 >&2; echo "\${PIPESTATUS[0]}"`]);
  await shell.stdout.line(/^0$/);
});

test('--watch ends when the server does, and says so', async () => {
  const { pid } = await startDescribed();
  const command = await startPrefork(['status', '--watch', '--interval', '0.1', `${pid}`]);
  await command.stdout.line(/^SLOT/);
  process.kill(pid, 'SIGKILL');
  expect(await command.closed).toEqual({ code: 1, signal: null });
  expect(command.stderr.text).toMatch(/^prefork: [^\n]*\n$/);
});

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';

testWith('script').each([
  ['q', 'q'],
  ['Ctrl-C', '\x03'],
])('--watch on a terminal has a screen of its own, and %s gives the old one back', async (_, key) => {
  const { pid } = await startDescribed();
  const command = `stty rows 8 cols 40; exec ${process.execPath} dist/cli/main.js status --watch --interval 0.1 ${pid}`;
  const terminal = await start('script', ['-qec', command, '/dev/null'], { cwd: ROOT, env: { TERM: 'xterm' } });
  await terminal.stdout.lines(3, /prefork 9\.8\.7/);
  terminal.stdin.write(key);
  expect(await terminal.closed).toEqual({ code: 0, signal: null });
  const text = terminal.stdout.text;
  expect(text.startsWith(ENTER)).toBe(true);
  expect(text.trimEnd().endsWith(LEAVE)).toBe(true);
  for (const frame of text.slice(ENTER.length).split('\x1b[H').slice(1)) {
    const lines = frame.replace(LEAVE, '').split('\x1b[J')[0]?.split('\r\n') ?? [];
    expect(lines.length).toBeLessThanOrEqual(8);
    expect(Math.max(...lines.map((line) => line.replace('\x1b[K', '').length))).toBeLessThanOrEqual(40);
  }
});
