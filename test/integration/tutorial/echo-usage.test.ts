// Whatever is wrong at the start: one line that says what, and what to do.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { socketPath } from '../../fixtures/echo/server.js';
import { ordinaryUser } from '../../fixtures/echo/user.js';
import { start, startPrefork } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';

async function complaint(args: readonly string[], status: 1 | 2): Promise<string> {
  const running = await startPrefork(['echo', ...args]);
  expect(await running.closed).toEqual({ code: status, signal: null });
  expect(running.stdout.text).toBe('');
  expect(running.stderr.text).toMatch(/^prefork: [^\n]+\n$/);
  return running.stderr.text;
}

test.each([
  [['--workers', '0'], '--workers must be a whole number from 1 to 1024'],
  [['--workers', 'abc'], "--workers must be a whole number from 1 to 1024, not 'abc'"],
  [['--workers', '10000'], '--workers must be a whole number from 1 to 1024'],
  [['--port', '65536'], '--port must be a whole number from 0 to 65535'],
  [['--port', '-1'], '--port must be a whole number from 0 to 65535'],
  [['--backlog', '0'], '--backlog must be a whole number'],
  [['--write-timeout', '1.5'], '--write-timeout must be a whole number'],
  [['--idle-timeout', 'never'], '--idle-timeout must be a whole number'],
  [['--path', '/tmp/x', '--host', 'localhost'], '--path listens on a unix socket'],
  [['--path', '/tmp/x', '--port', '1234'], '--path listens on a unix socket'],
  [['--wrokers', '3'], 'did you mean --workers?'],
  [['extra'], "unexpected argument 'extra'"],
])('%j: status 2', async (args, message) => {
  expect(await complaint(args, 2)).toContain(message);
});

test.each([
  [['--host', '192.0.2.1'], '192.0.2.1 is not an address of this machine; choose one that is with --host'],
  [['--host', 'no-such-host.invalid'], "host 'no-such-host.invalid' is unknown"],
  [['--host', ''], '--host is empty'],
  [['--path', '/no/such/folder/socket'], 'its folder does not exist; make it first'],
  [['--path', `/tmp/${'x'.repeat(200)}`], 'a socket path has at most 107 bytes'],
])('%j: status 1', async (args, message) => {
  expect(await complaint(args, 1)).toContain(message);
});

test.each(['127.0.0.1', '::1', undefined])('a port in use, on %s', async (host) => {
  const other = createServer().listen(0, host);
  onTestFinished(() => {
    other.close();
  });
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  expect(await complaint(['--port', String(port)], 1)).toContain(`port ${port} is in use; end the program`);
});

test('a path that is a file', async () => {
  const path = socketPath();
  writeFileSync(path, 'precious');
  expect(await complaint(['--path', path], 1)).toContain('exists and is not a socket; choose another --path');
  expect(readFileSync(path, 'utf8')).toBe('precious');
});

const user = ordinaryUser();
const firstFree = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));

testWith('setpriv')('a privileged port', async ({ skip }) => {
  skip(user === undefined || firstFree < 2, 'no user here is refused a port');
  const port = String(firstFree - 1);
  const [program = '', ...args] = [...(user ?? []), process.execPath, 'dist/cli/main.js', 'echo', '--port', port];
  const running = await start(program, args);
  expect(await running.closed).toEqual({ code: 1, signal: null });
  expect(running.text).toMatch(/^prefork: port \d+ is not allowed to this user; choose a --port from 1024 up.*\n$/);
});

test.each([
  ['127.0.0.1', /^Listening on 127\.0\.0\.1:\d+,/],
  ['::1', /^Listening on \[::1\]:\d+,/],
  ['localhost', /^Listening on (127\.0\.0\.1|\[::1\]):\d+,/],
])('--host %s', async (host, ready) => {
  const running = await startPrefork(['echo', '--port', '0', '--host', host]);
  await running.line(ready);
});

test('--help', async () => {
  const running = await startPrefork(['echo', '--help']);
  expect(await running.closed).toEqual({ code: 0, signal: null });
  expect(running.text).toMatch(/--workers <number> +how many children to fork \(default: 3\)/);
});
