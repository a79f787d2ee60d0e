import { type Machine, THIS_MACHINE } from './machine.js';

/** What /proc/PID/fdinfo/FD says; null where it does not. proc_pid_fdinfo(5). */
export interface FdInfo {
  readonly offset: number | null;
  /** As open(2) takes them, with O_CLOEXEC, which belongs to the descriptor. */
  readonly flags: number | null;
  /** The mount and the inode on it; since Linux 5.14. */
  readonly mount: number | null;
  readonly inode: number | null;
  /** The descriptors that an epoll instance watches, by the numbers they had when they were added. */
  readonly watched: readonly Watched[];
  /** An eventfd's count. */
  readonly count: number | null;
  /** An eventfd's id, unlike any other's. */
  readonly eventfd: number | null;
  /** The process that a pidfd means. */
  readonly pid: number | null;
}

export interface Watched {
  readonly fd: number;
  /** EPOLLEXCLUSIVE: of several instances that watch it, not all are woken. */
  readonly exclusive: boolean;
}

const EPOLLEXCLUSIVE = 1 << 28;
export const O_CLOEXEC = 0o2000000;
const O_ACCMODE = 3;
const ACCESS = ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE'] as const;
/** The bits that differ: asm-generic/fcntl.h, and asm/fcntl.h of aarch64. */
const OF_MACHINE: Readonly<Record<Machine, { O_DIRECT: number; O_DIRECTORY: number; O_NOFOLLOW: number }>> = {
  x64: { O_DIRECT: 0o40000, O_DIRECTORY: 0o200000, O_NOFOLLOW: 0o400000 },
  arm64: { O_DIRECT: 0o200000, O_DIRECTORY: 0o40000, O_NOFOLLOW: 0o100000 },
};
const FLAGS = { x64: flagsOf('x64'), arm64: flagsOf('arm64') } as const;

/** Those of two bits before their halves. O_LARGEFILE, which all have on 64-bit machines, is left out. */
function flagsOf(machine: Machine): readonly (readonly [number, string])[] {
  const { O_DIRECT, O_DIRECTORY, O_NOFOLLOW } = OF_MACHINE[machine];
  return [
    [0o4010000, 'O_SYNC'],
    [0o20000000 | O_DIRECTORY, 'O_TMPFILE'],
    [0o2000, 'O_APPEND'],
    [0o4000, 'O_NONBLOCK'],
    [0o10000, 'O_DSYNC'],
    [0o20000, 'O_ASYNC'],
    [O_DIRECT, 'O_DIRECT'],
    [O_DIRECTORY, 'O_DIRECTORY'],
    [O_NOFOLLOW, 'O_NOFOLLOW'],
    [0o1000000, 'O_NOATIME'],
    [O_CLOEXEC, 'O_CLOEXEC'],
    [0o10000000, 'O_PATH'],
  ];
}

export function parseFdInfo(text: string): FdInfo {
  const fields = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/^([\w-]+):[ \t]*(\S+)/gm)) {
    if (!fields.has(name)) fields.set(name, value);
  }
  const number = (name: string, radix = 10) => numberOf(fields.get(name), radix);
  return {
    offset: number('pos'),
    flags: number('flags', 8),
    mount: number('mnt_id'),
    inode: number('ino'),
    watched: [...text.matchAll(/^tfd:\s*(\d+) events:\s*([0-9a-f]+)/gm)].map(([, fd, events = '']) => ({
      fd: Number(fd),
      exclusive: (Number.parseInt(events, 16) & EPOLLEXCLUSIVE) !== 0,
    })),
    count: number('eventfd-count', 16),
    eventfd: number('eventfd-id'),
    pid: number('Pid'),
  };
}

/** The names of open(2) for an fdinfo's flags. */
export function flagNames(flags: number, machine: Machine = THIS_MACHINE): string[] {
  const names: string[] = [ACCESS[flags & O_ACCMODE] ?? ''];
  let left = flags;
  for (const [bits, name] of FLAGS[machine]) {
    if ((left & bits) !== bits) continue;
    names.push(name);
    left &= ~bits;
  }
  return names;
}

function numberOf(text: string | undefined, radix: number): number | null {
  const number = Number.parseInt(text ?? '', radix);
  return Number.isNaN(number) ? null : number;
}
