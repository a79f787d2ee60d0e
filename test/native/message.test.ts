import { expect, test } from 'vitest';
import { binding } from '../../src/posix/binding.js';
import * as posix from '../../src/posix/index.js';
import { descriptorFlags, openDescriptors } from '../helpers/proc.js';
import { start } from '../helpers/process.js';
import { testWith } from '../helpers/programs.js';
import { closing } from '../helpers/sockets.js';

const O_CLOEXEC = 0o2000000;
const MAX_DESCRIPTORS = 16;

test('a socket pair is connected, and close-on-exec unless asked otherwise', () => {
  const [one, other] = pair();
  posix.write(one, 'there');
  posix.write(other, 'back');
  expect([posix.read(other).toString(), posix.read(one).toString()]).toEqual(['there', 'back']);
  expect(posix.getpeername(one)).toEqual({ family: 'unix', path: '' });
  const open = pair({ cloexec: false });
  expect([one, other, ...open].map((fd) => descriptorFlags(fd) & O_CLOEXEC)).toEqual([O_CLOEXEC, O_CLOEXEC, 0, 0]);
});

test('descriptors arrive with the bytes that they were sent with, and those before', () => {
  const [one, other] = pair();
  const pipe = posix.pipe().map(closing) as [number, number];
  expect(posix.sendMessage(one, 'before, ')).toBe(8);
  expect(posix.sendMessage(one, Buffer.from('with two'), pipe)).toBe(8);
  expect(posix.sendMessage(one, 'with many', Array(MAX_DESCRIPTORS).fill(pipe[1]))).toBe(9);

  const two = received(other);
  expect(two.text).toBe('before, with two');
  for (const [i, fd] of two.fds.entries()) {
    expect(posix.kcmp(process.pid, process.pid, fd, pipe[i] as number)).toBe(0);
    expect(descriptorFlags(fd) & O_CLOEXEC).toBe(O_CLOEXEC);
  }
  const many = received(other);
  expect([many.text, new Set(many.fds).size]).toEqual(['with many', MAX_DESCRIPTORS]);
});

test('a message may be taken in parts; the first has the descriptors', () => {
  const [one, other] = pair();
  posix.sendMessage(one, 'abcdef', [one]);
  expect(received(other, 2)).toEqual({ text: 'ab', fds: [expect.any(Number)] });
  expect(received(other, 2)).toEqual({ text: 'cd', fds: [] });
  expect(received(other)).toEqual({ text: 'ef', fds: [] });
});

test('the end of file is empty, and sending to nobody fails', () => {
  const [one, other] = posix.socketpair();
  closing(one);
  posix.sendMessage(other, 'last');
  posix.close(other);
  expect(received(one)).toEqual({ text: 'last', fds: [] });
  expect(received(one)).toEqual({ text: '', fds: [] });
  expect(() => posix.sendMessage(one, 'x')).toThrow(expect.objectContaining({ code: 'EPIPE', syscall: 'sendmsg' }));
});

testWith('python3')('more descriptors than a message may carry are an error, and none stays open', async () => {
  const [one, other] = pair();
  const python = `import socket, os; socket.socket(fileno=3).sendmsg([b'x'],
    [(socket.SOL_SOCKET, socket.SCM_RIGHTS, __import__('array').array('i', [0] * ${MAX_DESCRIPTORS + 1}))])`;
  const sender = await start('python3', ['-c', python], { descriptors: [one] });
  expect(await sender.closed).toEqual({ code: 0, signal: null });
  const before = openDescriptors();
  expect(() => posix.receiveMessage(other)).toThrow('recvmsg EMSGSIZE: message too long');
  expect(openDescriptors()).toEqual(before);
  posix.sendMessage(one, 'goes on', [one]);
  expect(received(other)).toEqual({ text: 'goes on', fds: [expect.any(Number)] });
});

test('a buffer that is detached while the descriptors are read is not sent', () => {
  const [one, other] = pair();
  const bytes = new Uint8Array(64).fill(1);
  const fds = Object.defineProperty([one], 0, {
    get: () => {
      structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
      return one;
    },
  });
  expect(() => binding().sendMessage(one, bytes, 0, 64, fds)).toThrow(
    expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }),
  );
  posix.sendMessage(one, 'the first');
  expect(received(other).text).toBe('the first');
});

test('the queue of a listener', () => {
  const { fd, address } = posix.listen({ host: '127.0.0.1', backlog: 5 });
  closing(fd);
  expect(posix.getListenQueue(fd)).toEqual({ queued: 0, backlog: 5 });
  for (const queued of [1, 2, 3]) {
    posix.connect(closing(posix.socket()), address);
    expect(posix.getListenQueue(fd)).toEqual({ queued, backlog: 5 });
  }
  closing(posix.accept(fd).fd);
  expect(posix.getListenQueue(fd).queued).toBe(2);
});

function pair(options?: { cloexec?: boolean }): [number, number] {
  return posix.socketpair(options).map(closing) as [number, number];
}

function received(fd: number, size?: number): { text: string; fds: number[] } {
  const { data, fds } = posix.receiveMessage(fd, size);
  return { text: data.toString(), fds: fds.map(closing) };
}
