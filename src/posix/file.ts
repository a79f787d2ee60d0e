import { constants } from 'node:fs';
import { binding } from './binding.js';

const FLAGS = {
  r: constants.O_RDONLY,
  'r+': constants.O_RDWR,
  w: constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC,
  'w+': constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC,
  a: constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND,
  'a+': constants.O_RDWR | constants.O_CREAT | constants.O_APPEND,
} as const;
const WHENCE = { set: 0, cur: 1, end: 2 } as const;
/** POLLIN, POLLOUT, POLLRDHUP. */
const POLL = { read: 1, write: 4, hangup: 0x2000 } as const;
const LOCK_EX = 2;
const LOCK_NB = 4;

/** As for fs.open: a mode of fopen(3), or the constants O_RDONLY, … or'ed together. */
export type OpenFlags = keyof typeof FLAGS | number;

/** Opens a file and returns its descriptor, which a later fork shares. open(2); not close-on-exec. */
export function open(path: string, flags: OpenFlags = 'r', mode = 0o666): number {
  const number = typeof flags === 'number' ? flags : FLAGS[flags];
  if (number === undefined) {
    throw Object.assign(new TypeError(`Unknown file open flag: ${flags}`), { code: 'ERR_INVALID_ARG_VALUE' });
  }
  return binding().open(path, number, mode);
}

/** Reads at most `size` bytes; blocks until there are some. An empty result is the end of file. read(2). */
export function read(fd: number, size?: number): Buffer;
/** Reads into `buffer` and returns the number of bytes, 0 at the end of file. read(2). */
export function read(fd: number, buffer: Uint8Array): number;
export function read(fd: number, target: number | Uint8Array = 65536): Buffer | number {
  if (typeof target !== 'number') return binding().read(fd, target, 0, target.byteLength);
  const buffer = Buffer.allocUnsafe(target);
  return buffer.subarray(0, binding().read(fd, buffer, 0, target));
}

/** Writes once and returns the number of bytes taken, which may be fewer than were given. write(2). */
export function write(fd: number, data: string | Uint8Array): number {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  return binding().write(fd, bytes, 0, bytes.byteLength);
}

/**
 * Writes all of it, waiting for room as often as it takes, on descriptors with O_NONBLOCK too. The send time limit of
 * setTimeouts() does not end it: use write() for that.
 */
export function writeAll(fd: number, data: string | Uint8Array): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  let done = 0;
  while (done < bytes.byteLength) {
    try {
      done += binding().write(fd, bytes, done, bytes.byteLength - done);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      binding().poll(fd, POLL.write, -1);
    }
  }
}

/**
 * As write(), also for a background process on a terminal that stops those which write (`stty tostop`): SIGTTOU is
 * blocked meanwhile, at which the terminal lets it write. pwritev2(2), tty_ioctl(4).
 * @param nowait RWF_NOWAIT: EAGAIN where the write would block; ENOTSUP where the kernel cannot tell
 */
export function pwritev2(fd: number, bytes: Uint8Array, { nowait = false } = {}): number {
  return binding().pwritev2(fd, bytes, 0, bytes.byteLength, nowait);
}

/**
 * Takes the lock of an open file description, for this process alone or, with fork(), all that share the description.
 * It ends with the last of their descriptors. flock(2) with LOCK_EX and LOCK_NB.
 * @returns false when somebody else has it
 */
export function tryLock(fd: number): boolean {
  try {
    binding().flock(fd, LOCK_EX | LOCK_NB);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
    throw error;
  }
}

/** Closes a descriptor. close(2). */
export function close(fd: number): void {
  binding().close(fd);
}

/** Closes a descriptor, which is free afterwards whatever close(2) reports: for callers that cannot report it. */
export function discard(fd: number): void {
  try {
    close(fd);
  } catch {
    // EIO and EINTR say something about the file. EBADF: somebody has closed it.
  }
}

/** Moves the open file description's offset, for every descriptor that shares it, and returns it. lseek(2). */
export function lseek(fd: number, position: number, whence: keyof typeof WHENCE = 'set'): number {
  return binding().lseek(fd, position, WHENCE[whence]);
}

/** A pipe's read end and write end, shared by a later fork. pipe(2). */
export function pipe(options: { cloexec?: boolean } = {}): [read: number, write: number] {
  return binding().pipe(options.cloexec ?? false);
}

/**
 * A pipe that holds one write at a time, of at most 4096 bytes: each next one blocks until the one before has been read.
 * Close-on-exec; the read end does not block: EAGAIN when nothing has been written. pipe(2) with O_DIRECT, F_SETPIPE_SZ.
 */
export function packetPipe(): [read: number, write: number] {
  const ends = binding().packetPipe();
  binding().setNonblock(ends[0], true);
  return ends;
}

/** Another descriptor, the lowest free one from `atLeast` on, of the same open file description. fcntl(2) F_DUPFD. */
export function dup(fd: number, options: { atLeast?: number; cloexec?: boolean } = {}): number {
  return binding().dup(fd, options.atLeast ?? 0, options.cloexec ?? false);
}

/** Makes `to` refer to the open file description of `from`. dup3(2). */
export function dup2(from: number, to: number, options: { cloexec?: boolean } = {}): void {
  binding().dup2(from, to, options.cloexec ?? false);
}

/**
 * Waits until a descriptor can be read or written, or until its peer has hung up, a listening socket was shut down;
 * false when `timeout` milliseconds have passed. poll(2).
 */
export function poll(fd: number, what: keyof typeof POLL, timeout = -1): boolean {
  return binding().poll(fd, POLL[what], timeout) !== 0;
}

/** Sets or clears FD_CLOEXEC. fcntl(2). */
export function setCloseOnExec(fd: number, on: boolean): void {
  binding().setCloexec(fd, on);
}
