import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { binding } from '../../src/posix/binding.js';
import { temporaryFolder } from '../helpers/folder.js';
import { currentSyscall, statusField } from '../helpers/proc.js';
import { ROOT, type Running, startNode } from '../helpers/process.js';
import { closing, portOf } from '../helpers/sockets.js';
import { eventually } from '../helpers/wait.js';

const b = binding();
const [UNIX, INET] = [1, 2];
const STREAM = 1;

test.each(['accept', 'acceptFd'])('%s', async (name) => {
  const listener = inetListener();
  const p = await blocked([name], listener);
  await storm(p, 'accept4');
  const client = closing(b.socket(INET, STREAM, 0, true));
  b.connectInet(client, INET, '127.0.0.1', portOf(listener));
  await p.line(/^returned "IPv4"$/);
});

test('read', async () => {
  const [mine, other] = connection();
  const p = await blocked(['read'], other);
  await storm(p, 'read');
  b.write(mine, new Uint8Array(1), 0, 1);
  await p.line(/^returned 1$/);
});

test.each([
  ['write', 'write'],
  ['send', 'sendto'],
])('%s', async (name, syscall) => {
  const [mine, other] = connection();
  const p = await blocked([name], other);
  await storm(p, syscall);
  b.setNonblock(mine, true);
  const buffer = new Uint8Array(1 << 20);
  const returned = p.line(/^returned 1$/);
  await eventually('room in the connection', () => {
    try {
      for (;;) b.read(mine, buffer, 0, buffer.length);
    } catch {
      return /^returned/m.test(p.text);
    }
  });
  await returned;
});

test('connect, over IPv4', async () => {
  const listener = inetListener();
  const port = portOf(listener);
  const waiting = closing(b.socket(INET, STREAM, 0, true));
  b.connectInet(waiting, INET, '127.0.0.1', port); // A backlog of 0 has room for this one.
  const p = await blocked(['connectInet', port]);
  await storm(p, 'connect');
  closing(b.accept(listener, true).fd);
  await p.line(/^returned null$/);
  expect(closing(b.accept(listener, true).fd)).toBeGreaterThan(2);
});

test('connect, in the unix domain', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'socket');
  const listener = closing(b.socket(UNIX, STREAM, 0, true));
  b.bindUnix(listener, path);
  b.listen(listener, 0);
  const waiting = closing(b.socket(UNIX, STREAM, 0, true));
  b.connectUnix(waiting, path);
  const p = await blocked(['connectUnix', path]);
  await storm(p, 'connect');
  closing(b.accept(listener, true).fd);
  await p.line(/^returned null$/);
  expect(closing(b.accept(listener, true).fd)).toBeGreaterThan(2);
});

test('poll, whose time limit does not begin anew', async () => {
  const [, other] = connection();
  const p = await blocked(['poll', 500], other);
  let returned = false;
  const end = p.line(/^returned 0$/).then(() => {
    returned = true;
  });
  while (!returned) {
    process.kill(p.pid, 'SIGUSR2');
    await Promise.race([sleep(20), end]);
  }
  await end;
});

/** Interrupts a call of a process again and again, each time once the process is back in it. */
async function storm(p: Running, syscall: string): Promise<void> {
  const isBack = () => currentSyscall(p.pid) === syscall && /^0+$/.test(statusField(p.pid, 'ShdPnd') ?? '');
  await eventually(`system call ${syscall}`, isBack);
  for (let i = 0; i < 20; i++) {
    process.kill(p.pid, 'SIGUSR2');
    await eventually(`system call ${syscall}, again`, isBack);
  }
  for (let i = 0; i < 500; i++) process.kill(p.pid, 'SIGUSR2');
  await eventually(`system call ${syscall}, after all`, isBack);
  expect(p.text).toBe('calling\n');
}

async function blocked(call: unknown[], descriptor?: number): Promise<Running> {
  const p = await startNode([join(ROOT, 'test/fixtures/native/blocked.mjs'), JSON.stringify(call)], {
    descriptors: descriptor === undefined ? [] : [descriptor],
  });
  await p.line(/^calling$/);
  return p;
}

/** In the unix domain, where a connection that is full stays so. */
function connection(): [number, number] {
  const path = `\0prefork ${process.pid} ${Math.random()}`;
  const listener = closing(b.socket(UNIX, STREAM, 0, true));
  b.bindUnix(listener, path);
  b.listen(listener, 0);
  const client = closing(b.socket(UNIX, STREAM, 0, true));
  b.connectUnix(client, path);
  return [client, closing(b.accept(listener, true).fd)];
}

function inetListener(): number {
  const fd = closing(b.socket(INET, STREAM, 0, true));
  b.bindInet(fd, INET, '127.0.0.1', 0);
  b.listen(fd, 0);
  return fd;
}
