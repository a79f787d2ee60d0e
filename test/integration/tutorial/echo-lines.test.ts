import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { readiness, socketPath, startEcho } from '../../fixtures/echo/server.js';
import { connect } from '../../helpers/client.js';
import { start, startPrefork } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';

/** Sends these chunks, each by itself, half-closes, and takes the answer to its end as it came. */
async function exchange(port: number, chunks: readonly (string | Uint8Array)[]): Promise<Buffer> {
  const socket = connectSocket({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  onTestFinished(() => {
    socket.destroy();
  });
  const answer: Buffer[] = [];
  socket.on('data', (chunk) => answer.push(chunk));
  const ended = once(socket, 'end'); // It may come while the last chunk is still being sent.
  for (const chunk of chunks) await new Promise((resolve) => socket.write(chunk, resolve));
  socket.end();
  await ended;
  return Buffer.concat(answer);
}

test('lines are echoed and logged, exit closes', async () => {
  const { running, port } = await startEcho(['--workers', '1']);
  const pid = Number((await running.stdout.line(/^Child (\d+) accepting\.\.\.$/))[1]);
  const client = await connect(port);
  await running.stdout.line(new RegExp(`^Child ${pid} accepted a client! \\(127\\.0\\.0\\.1:${client.port}\\)$`));
  client.send('hello\n');
  await client.line(/^hello$/);
  await running.stdout.line(new RegExp(`^Child ${pid} received: hello$`));
  client.send('exit\r\n');
  await client.ended;
  client.end();
  await running.stdout.line(new RegExp(`^Child ${pid} closed a connection!$`));
  await running.stdout.line(new RegExp(`^Child ${pid} accepting\\.\\.\\.$`));
  expect(client.text).toBe('hello\n');
});

testWith('telnet')('the real telnet', async () => {
  const { running, port } = await startEcho();
  const telnet = await start('telnet', ['localhost', String(port)]);
  await telnet.line(/^Escape character is/);
  // Whichever address of localhost comes first, nothing was refused.
  expect(telnet.text).not.toMatch(/refused/i);
  telnet.stdin.write('こんにちは\n');
  await telnet.stdout.line(/^こんにちは$/);
  await running.stdout.line(/^Child \d+ received: こんにちは$/);
  telnet.stdin.write('exit\n');
  await telnet.line(/^Connection closed by foreign host\.$/);
  await telnet.exit;
  await running.stdout.line(/^Child \d+ closed a connection!$/);
});

const modes = [
  ['logged', []],
  // Here whole lines are not looked at one by one.
  ['quiet', ['--quiet']],
] as const;

test.each(modes)('any bytes come back as they were sent, however they were split: %s', async (_, options) => {
  const { port } = await startEcho(['--workers', '1', ...options]);
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const stream = Buffer.concat([Buffer.from('a\nb\r\n\n\r\n日本語\r\n'), all, Buffer.from('\nlast, unfinished')]);
  expect(await exchange(port, [stream])).toEqual(stream);
  expect(
    await exchange(
      port,
      [...stream].map((byte) => Buffer.from([byte])),
    ),
  ).toEqual(stream);
  const huge = Buffer.from(`${'x'.repeat(999)}\n`.repeat(2000));
  expect((await exchange(port, [huge])).equals(huge)).toBe(true);
});

test.each(modes)('lines end at an exit, wherever it is: %s', async (_, options) => {
  const { port } = await startEcho(['--workers', '1', ...options]);
  for (const before of ['', 'before\n', 'before\r\n', 'not exit\n', '\n', `${'x'.repeat(65_530)}\n`]) {
    for (const rest of ['exit\n', 'exit\r\n', 'exit', 'exit\nexit\n', 'exit\nafter']) {
      expect((await exchange(port, [`${before}${rest}`])).toString(), rest).toBe(before);
      expect((await exchange(port, [`${before}e`, rest.slice(1)])).toString(), rest).toBe(before);
    }
  }
});

test('an unfinished last line counts: it is echoed, or is an exit', async () => {
  const { running, port } = await startEcho(['--workers', '1']);
  expect((await exchange(port, ['one\ntwo'])).toString()).toBe('one\ntwo');
  await running.stdout.line(/received: two$/);
  await running.stdout.line(/closed a connection! \(the client hung up\)$/);
  expect((await exchange(port, ['one\nexit'])).toString()).toBe('one\n');
  await running.stdout.line(/closed a connection!$/);
});

test('what follows an exit is neither answered nor a reason to lose what came before', async () => {
  const { port } = await startEcho(['--workers', '1']);
  const after = 'ignored\n'.repeat(10_000);
  expect((await exchange(port, [`before\nexit\n${after}`, after])).toString()).toBe('before\n');
});

test.each(modes)('exit is a line of its own, not a part of one: %s', async (_, options) => {
  const { port } = await startEcho(['--workers', '1', ...options]);
  const others = 'EXIT\n exit\nexit \nexits\n';
  expect((await exchange(port, [`${others}exit\n`])).toString()).toBe(others);
});

test('a line of 64 KiB is a line, a longer one is answered by a message and the end, and the child goes on', async () => {
  const { running, port, children } = await startEcho(['--workers', '1']);
  const longest = 'x'.repeat(65536);
  expect((await exchange(port, [`${longest}\r\n${longest}\n`])).toString()).toBe(`${longest}\r\n${longest}\n`);
  const message = 'line too long: the limit is 65536 bytes; closing the connection\n';
  expect((await exchange(port, [`before\n${longest}x\n`])).toString()).toBe(`before\n${message}`);
  // It is still sending when it is answered.
  expect((await exchange(port, [`before\n${'x'.repeat(4_000_000)}`])).toString()).toBe(`before\n${message}`);
  await running.stdout.lines(2, /closed a connection! \(a line over 65536 bytes\)$/);
  expect((await exchange(port, ['still here\n'])).toString()).toBe('still here\n');
  expect(await running.stdout.line(/received: still here$/)).toMatchObject({
    input: expect.stringContaining(`${children}`),
  });
});

test('the log shows a line as one line, whatever is in it', async () => {
  const { running, port } = await startEcho(['--workers', '1']);
  await exchange(port, [Buffer.from('\x1b[2J\rChild 1 received: forged\xff\n', 'latin1'), `${'日'.repeat(1000)}\n`]);
  await running.stdout.line(/received: \\x1b\[2J\\x0dChild 1 received: forged\\xff$/);
  await running.stdout.line(/received: 日{320}… \(3000 bytes\)$/);
});

test('--quiet logs no clients', async () => {
  const { running, port } = await startEcho(['--workers', '1', '--quiet']);
  expect((await exchange(port, ['hello\nexit\n'])).toString()).toBe('hello\n');
  process.kill(running.pid, 'SIGTERM');
  await running.closed;
  expect(running.text).toMatch(/^Listening on .*\n$/);
});

test('a unix socket: served, removed at the end, and a stale one replaced', async () => {
  const path = socketPath();
  const server = await startPrefork(['echo', '--path', path]);
  const { parent } = await readiness(server);
  const client = await connect({ path });
  client.send('hello\nexit\n');
  await client.line(/^hello$/);
  await server.stdout.line(/^Child \d+ accepted a client! \(unix socket\)$/);

  const second = await startPrefork(['echo', '--path', path]);
  expect(await second.closed).toEqual({ code: 1, signal: null });
  expect(second.stderr.text).toMatch(/^prefork: .*socket is in use; end the program .*\n$/);

  process.kill(parent, 'SIGKILL');
  await server.closed;
  const third = await startPrefork(['echo', '--path', path]);
  await readiness(third);
  process.kill(third.pid, 'SIGTERM');
  expect(await third.closed).toEqual({ code: 0, signal: null });
  await expect(connect({ path })).rejects.toThrow('ENOENT');
});
