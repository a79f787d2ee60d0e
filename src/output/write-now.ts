import { constants, fstatSync, openSync, type Stats } from 'node:fs';
import { isatty } from 'node:tty';
import { poll, pwritev2 } from '../posix/file.js';
import { send } from '../posix/socket.js';
import { attempt } from '../util/attempt.js';

/** What a pipe or a terminal that polls writable takes without waiting, in bytes: PIPE_BUF of pipe(7); a driver's page. */
const PIPE_BUF = 4096;
const TERMINAL_ROOM = 256;

/** Writes what there is room for, without waiting. @returns the bytes taken @throws EAGAIN when there is no room */
export type WriteNow = (bytes: Uint8Array) => number;

/**
 * How to write to a descriptor without ever waiting for its reader. O_NONBLOCK is never set on the open file description
 * that the descriptor shares with other processes, whose own writes would then fail with EAGAIN.
 */
export function writeNowTo(fd: number): WriteNow {
  const kind = kindOf(fd);
  if (kind === 'socket') return (bytes) => send(fd, bytes, { nowait: true });
  if (kind === 'file') return (bytes) => pwritev2(fd, bytes);
  const own = reopen(fd);
  if (own !== undefined) return (bytes) => pwritev2(own, bytes);
  const most = kind === 'pipe' ? PIPE_BUF : TERMINAL_ROOM;
  return (bytes) => writeWhereWritable(fd, bytes.subarray(0, most));
}

/** A file, /dev/null and the like have no reader to wait for. */
function kindOf(fd: number): 'socket' | 'pipe' | 'terminal' | 'file' {
  const stats: Stats | undefined = attempt(() => fstatSync(fd));
  if (stats?.isSocket()) return 'socket';
  if (stats?.isFIFO()) return 'pipe';
  return isatty(fd) ? 'terminal' : 'file';
}

/**
 * An open file description of this process's own, of the same pipe or terminal, which may have O_NONBLOCK; undefined
 * where it is denied: to another user than the one who made the pipe, or on a FIFO without a reader.
 */
function reopen(fd: number): number | undefined {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  return attempt(() => openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY));
}

/** Between poll(2) and the write another process may take the room: only RWF_NOWAIT, where there is that, is proof. */
function writeWhereWritable(fd: number, bytes: Uint8Array): number {
  if (!poll(fd, 'write', 0)) throw Object.assign(new Error('write EAGAIN'), { code: 'EAGAIN', syscall: 'write' });
  try {
    return pwritev2(fd, bytes, { nowait: true });
  } catch (error) {
    // libuv's name of EOPNOTSUPP, which is the same number on Linux.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTSUP') throw error;
    return pwritev2(fd, bytes);
  }
}
