// Clients that behave badly, and too many of them: each costs its own connection only.
import { spawnSync } from 'node:child_process';
import { connect as connectSocket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ACCEPT, startEcho } from '../../fixtures/echo/server.js';
import { visits } from '../../fixtures/echo/visit.js';
import { connect } from '../../helpers/client.js';
import { currentSyscall, openDescriptors } from '../../helpers/proc.js';
import { testWith } from '../../helpers/programs.js';
import { eventually } from '../../helpers/wait.js';

/** The child is as it was before: it serves, and no descriptor of a connection is left in it. */
async function serves(port: number, child: number, descriptors: number): Promise<void> {
  const client = await connect(port);
  client.send('fine\nexit\n');
  await client.line(/^fine$/);
  await client.ended;
  client.end();
  await eventually('no descriptor is left behind', () => openDescriptors(child).size === descriptors);
}

test('as many clients as children are served at once; the next one waits, and what it sent meanwhile is not lost', async () => {
  const { running, port } = await startEcho(['--workers', '2']);
  const first = await connect(port);
  const second = await connect(port);
  for (const client of [first, second]) {
    client.send('hello\n');
    await client.line(/^hello$/);
  }
  const third = await connect(port);
  third.send('one\ntwo\n');
  third.send('three\nexit\n');
  // The others go on being served; the third is in the kernel's queue.
  for (const client of [first, second]) {
    client.send('again\n');
    await client.line(/^again$/);
  }
  await running.stdout.lines(2, /accepted a client!/);
  expect(running.stdout.text.match(/accepted a client!/g)).toHaveLength(2);
  expect(third.text).toBe('');
  second.send('exit\n');
  await second.ended;
  second.end();
  await third.ended;
  expect(third.text).toBe('one\ntwo\nthree\n');
  first.send('and on\n');
  await first.line(/^and on$/);
});

test('a reset in the middle of a line', async () => {
  const { running, port, children } = await startEcho(['--workers', '1']);
  const [child = 0] = children;
  await running.stdout.line(/accepting/);
  const descriptors = openDescriptors(child).size;
  const client = await connect(port);
  client.send('hello\nunfini');
  await client.line(/^hello$/);
  client.reset();
  await running.stdout.line(/closed a connection! \(connection lost: read ECONNRESET: connection reset by peer\)$/);
  await serves(port, child, descriptors);
});

test('clients that connect and reset at once', async () => {
  const { running, port, children } = await startEcho(['--workers', '1']);
  const [child = 0] = children;
  await running.stdout.line(/accepting/);
  const descriptors = openDescriptors(child).size;
  for (let i = 0; i < 200; i++) (await connect(port)).reset();
  await serves(port, child, descriptors);
  expect(running.stderr.text).toBe('');
});

test('a client that stops reading is hung up on after the write timeout', async () => {
  const { running, port } = await startEcho(['--workers', '1', '--write-timeout', '1']);
  const socket = connectSocket({ port, host: '127.0.0.1' });
  onTestFinished(() => {
    socket.destroy();
  });
  socket.pause();
  socket.on('error', () => {});
  socket.write(Buffer.alloc(64 * 1024 * 1024, `${'x'.repeat(59_999)}\n`));
  await running.stdout.line(/closed a connection! \(the client read nothing for 1 s\)$/);
  // By the same child, while that client is still there.
  const [next] = await visits(port, { total: 1, together: 1 });
  expect(next?.served).toBe(true);
  expect(running.stderr.text).toBe('');
});

test('--idle-timeout hangs up on a client that sends nothing', async () => {
  const { running, port } = await startEcho(['--workers', '1', '--idle-timeout', '1']);
  const client = await connect(port);
  client.send('hello\n');
  await client.line(/^hello$/);
  await client.ended;
  await running.stdout.line(/closed a connection! \(the client sent nothing for 1 s\)$/);
});

test('100 clients that dribble single bytes', async () => {
  const { port } = await startEcho(['--workers', '3', '--quiet']);
  const line = 'a slow line\n';
  const dribble = async () => {
    const client = await connect({ port, host: '127.0.0.1', noDelay: true });
    for (const byte of `${line}exit\n`) await new Promise((resolve) => client.socket.write(byte, resolve));
    await client.ended;
    client.end();
    return client.text;
  };
  expect(await Promise.all(Array.from({ length: 100 }, dribble))).toEqual(Array(100).fill(line));
});

testWith('prlimit')('a child without free descriptors says so, waits, and goes on', async () => {
  const { running, port, children } = await startEcho(['--workers', '1']);
  const [child = 0] = children;
  const limit = (soft: string) => {
    const { status, stderr } = spawnSync('prlimit', ['--pid', String(child), `--nofile=${soft}:`]);
    expect([status, String(stderr)]).toEqual([0, '']);
  };
  // accept(2) takes a descriptor before it waits, so that the first client still gets it.
  await eventually('the child blocks in accept(2)', () => ACCEPT.includes(currentSyscall(child) ?? ''));
  limit('3');
  expect((await visits(port, { total: 1, together: 1 }))[0]?.served).toBe(true);
  const waiting = await connect(port);
  waiting.send('patience\n');
  await running.stderr.line(new RegExp(`^Child ${child} cannot accept for now: accept EMFILE: too many open files$`));
  limit('1024');
  await waiting.line(/^patience$/);
  await running.stdout.lines(2, /accepting/);
  expect(running.stdout.text.match(/accepting/g)).toHaveLength(2);
});
