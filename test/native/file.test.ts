import { constants, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { binding } from '../../src/posix/binding.js';
import { temporaryFolder } from '../helpers/folder.js';
import { descriptorFlags } from '../helpers/proc.js';
import { closing } from '../helpers/sockets.js';

const b = binding();
const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;
const O_CLOEXEC = 0o2000000;
const [SEEK_SET, SEEK_CUR, SEEK_END] = [0, 1, 2];
const [POLLIN, POLLOUT, POLLHUP, POLLNVAL] = [1, 4, 16, 32];

test('open creates with the mode, and opens with the flags', () => {
  const path = join(temporaryFolder(), 'new');
  const fd = opened(path, O_WRONLY | O_CREAT, 0o640);
  expect(statSync(path).mode & 0o777).toBe(0o640 & ~process.umask());
  expect(descriptorFlags(fd) & (O_CLOEXEC | O_RDWR | O_WRONLY)).toBe(O_WRONLY);
  expect(descriptorFlags(opened(path, O_RDWR | O_APPEND | O_CLOEXEC)) & (O_APPEND | O_CLOEXEC)).toBe(
    O_APPEND | O_CLOEXEC,
  );
});

test('read and write use the part of the buffer that offset and length select', () => {
  const path = join(temporaryFolder(), 'text');
  const fd = opened(path, O_RDWR | O_CREAT | O_TRUNC);
  expect(b.write(fd, Buffer.from('0123456789'), 2, 5)).toBe(5);
  expect(b.lseek(fd, 0, SEEK_SET)).toBe(0);
  // A view that does not begin where its memory begins.
  const view = Buffer.from('..........').subarray(2, 9);
  expect(b.read(fd, view, 1, 4)).toBe(4);
  expect(view.toString()).toBe('.2345..');
  expect(b.read(fd, view, 0, 7)).toBe(1);
  expect(b.read(fd, view, 0, 7)).toBe(0);
  expect(view.toString()).toBe('62345..');
});

test('a write without waiting fails with EAGAIN on a full pipe, whose description stays blocking', ({ skip }) => {
  const [read, write] = b.pipe(true);
  [read, write].map(closing);
  const chunk = Buffer.alloc(1 << 16);
  try {
    expect(b.pwritev2(write, chunk, 0, chunk.length, true)).toBe(chunk.length);
  } catch (error) {
    skip((error as NodeJS.ErrnoException).code === 'ENOTSUP', 'this kernel cannot tell of pipes: Linux 6.4 can');
    throw error;
  }
  expect(() => b.pwritev2(write, chunk, 0, 1, true)).toThrow(
    expect.objectContaining({ code: 'EAGAIN', syscall: 'write' }),
  );
  expect(descriptorFlags(write) & O_NONBLOCK).toBe(0);
});

test('pwritev2 goes on where the last write has ended', () => {
  const path = join(temporaryFolder(), 'text');
  const fd = opened(path, O_RDWR | O_CREAT);
  expect(b.pwritev2(fd, Buffer.from('0123'), 1, 2, false)).toBe(2);
  expect(b.pwritev2(fd, Buffer.from('45'), 0, 2, false)).toBe(2);
  expect(readFileSync(path, 'latin1')).toBe('1245');
});

test('flock is for one open file description at a time', () => {
  const path = join(temporaryFolder(), 'locked');
  const [one, other] = [opened(path, O_RDWR | O_CREAT), opened(path, O_RDWR)] as const;
  const [LOCK_EX, LOCK_NB, LOCK_UN] = [2, 4, 8];
  b.flock(one, LOCK_EX | LOCK_NB);
  b.flock(closing(b.dup(one, 0, true)), LOCK_EX | LOCK_NB);
  expect(() => b.flock(other, LOCK_EX | LOCK_NB)).toThrow(
    expect.objectContaining({ code: 'EAGAIN', syscall: 'flock' }),
  );
  b.flock(one, LOCK_UN);
  b.flock(other, LOCK_EX | LOCK_NB);
});

test('lseek takes and gives offsets beyond 4 GiB', () => {
  const path = join(temporaryFolder(), 'sparse');
  writeFileSync(path, '');
  truncateSync(path, 2 ** 40);
  const fd = opened(path, O_RDWR);
  expect(b.lseek(fd, 2 ** 33 + 7, SEEK_SET)).toBe(2 ** 33 + 7);
  expect(b.write(fd, Buffer.from('x'), 0, 1)).toBe(1);
  expect(b.lseek(fd, 0, SEEK_CUR)).toBe(2 ** 33 + 8);
  expect(b.lseek(fd, -1, SEEK_END)).toBe(2 ** 40 - 1);
  expect(b.lseek(fd, -(2 ** 33), SEEK_CUR)).toBe(2 ** 40 - 1 - 2 ** 33);
  expect(() => b.lseek(fd, -1, SEEK_SET)).toThrow('lseek EINVAL');
  expect(() => b.lseek(fd, 0, 99)).toThrow('lseek EINVAL');
});

test.each([true, false])(
  'pipe with cloexec %s: what goes in comes out, then the end of file, then EPIPE',
  (cloexec) => {
    const [read, write] = b.pipe(cloexec);
    onTestFinished(() => b.close(write));
    expect([read, write].map((fd) => descriptorFlags(fd) & O_CLOEXEC)).toEqual(Array(2).fill(cloexec ? O_CLOEXEC : 0));
    const buffer = Buffer.alloc(3);
    expect(b.write(write, Buffer.from('abc'), 0, 3)).toBe(3);
    expect(b.read(read, buffer, 0, 3)).toBe(3);
    expect(buffer.toString()).toBe('abc');
    b.close(read);
    expect(() => b.write(write, buffer, 0, 3)).toThrow(expect.objectContaining({ code: 'EPIPE', syscall: 'write' }));
  },
);

test('a packet pipe has room for one write, which a read takes alone', () => {
  const [read, write] = b.packetPipe().map(closing) as [number, number];
  for (const fd of [read, write]) b.setNonblock(fd, true);
  const buffer = Buffer.alloc(8);
  expect(b.write(write, Buffer.from('ab'), 0, 2)).toBe(2);
  expect(() => b.write(write, buffer, 0, 1)).toThrow('write EAGAIN');
  expect(b.read(read, buffer, 0, 8)).toBe(2);
  expect(b.write(write, Buffer.from('c'), 0, 1)).toBe(1);
  expect(b.read(read, buffer, 0, 8)).toBe(1);
  expect([read, write].map((fd) => descriptorFlags(fd) & O_CLOEXEC)).toEqual([O_CLOEXEC, O_CLOEXEC]);
});

test('dup and dup2 give another number of the same open file description', () => {
  const fd = opened('/dev/null', O_RDONLY);
  const copy = closing(b.dup(fd, 700, true));
  expect(copy).toBeGreaterThanOrEqual(700);
  const other = opened('/dev/zero', O_RDONLY);
  expect(b.kcmp(process.pid, process.pid, fd, copy)).toBe(0);
  expect(b.kcmp(process.pid, process.pid, fd, other)).not.toBe(0);
  b.dup2(fd, other, false);
  expect(b.kcmp(process.pid, process.pid, fd, other)).toBe(0);
  expect([copy, other].map((fd) => descriptorFlags(fd) & O_CLOEXEC)).toEqual([O_CLOEXEC, 0]);
  expect(descriptorFlags(closing(b.dup(fd, 0, false))) & O_CLOEXEC).toBe(0);
});

test('setCloexec is for one descriptor, setNonblock for the open file description', () => {
  const [read, write] = b.pipe(true);
  onTestFinished(() => b.close(write));
  const copy = closing(b.dup(closing(read), 0, true));
  b.setCloexec(read, false);
  b.setNonblock(read, true);
  expect([read, copy].map((fd) => descriptorFlags(fd) & (O_CLOEXEC | O_NONBLOCK))).toEqual([
    O_NONBLOCK,
    O_NONBLOCK | O_CLOEXEC,
  ]);
  expect(() => b.read(copy, Buffer.alloc(1), 0, 1)).toThrow('read EAGAIN');
  b.setCloexec(read, true);
  b.setNonblock(copy, false);
  expect(descriptorFlags(read) & (O_CLOEXEC | O_NONBLOCK)).toBe(O_CLOEXEC);
});

test('poll tells what is ready, and 0 when the time is up', () => {
  const [read, write] = b.pipe(true);
  closing(read);
  expect(b.poll(read, POLLIN, 0)).toBe(0);
  expect(b.poll(read, POLLIN, 20)).toBe(0);
  expect(b.poll(write, POLLOUT, -1)).toBe(POLLOUT);
  b.write(write, Buffer.from('x'), 0, 1);
  expect(b.poll(read, POLLIN, -1)).toBe(POLLIN);
  b.close(write);
  expect(b.poll(read, POLLIN, -1)).toBe(POLLIN | POLLHUP);
  expect(b.poll(1_000_000, POLLIN, -1)).toBe(POLLNVAL);
});

function opened(path: string, flags: number, mode = 0o600): number {
  return closing(b.open(path, flags, mode));
}
