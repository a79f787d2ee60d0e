import type { Machine } from './machine.js';

/**
 * The system calls that wait: their numbers on x86-64 (asm/unistd_64.h) and on aarch64 (asm-generic/unistd.h), null where
 * there is none. First those whose first argument is a descriptor.
 */
const WITH_DESCRIPTOR: readonly (readonly [string, number | null, number | null])[] = [
  ['read', 0, 63],
  ['write', 1, 64],
  ['pread64', 17, 67],
  ['pwrite64', 18, 68],
  ['readv', 19, 65],
  ['writev', 20, 66],
  ['sendfile', 40, 71],
  ['connect', 42, 203],
  ['accept', 43, 202],
  ['sendto', 44, 206],
  ['recvfrom', 45, 207],
  ['sendmsg', 46, 211],
  ['recvmsg', 47, 212],
  ['fcntl', 72, 25],
  ['flock', 73, 32],
  ['fsync', 74, 82],
  ['fdatasync', 75, 83],
  ['io_getevents', 208, 4],
  ['epoll_wait', 232, null],
  ['mq_timedsend', 242, 182],
  ['mq_timedreceive', 243, 183],
  ['epoll_pwait', 281, 22],
  ['accept4', 288, 242],
  ['recvmmsg', 299, 243],
  ['sendmmsg', 307, 269],
  ['io_uring_enter', 426, 426],
  ['epoll_pwait2', 441, 441],
];

const OTHERS: typeof WITH_DESCRIPTOR = [
  ['poll', 7, null],
  ['select', 23, null],
  ['pause', 34, null],
  ['nanosleep', 35, 101],
  ['clone', 56, 220],
  ['fork', 57, null],
  ['vfork', 58, null],
  ['execve', 59, 221],
  ['wait4', 61, 260],
  ['semop', 65, 193],
  ['rt_sigtimedwait', 128, 137],
  ['rt_sigsuspend', 130, 133],
  ['futex', 202, 98],
  ['restart_syscall', 219, 128],
  ['semtimedop', 220, 192],
  ['clock_nanosleep', 230, 115],
  ['waitid', 247, 95],
  ['pselect6', 270, 72],
  ['ppoll', 271, 73],
  ['clone3', 435, 435],
  ['futex_waitv', 449, 449],
];

interface SystemCall {
  readonly name: string;
  readonly withDescriptor: boolean;
}

const BY_NUMBER: Readonly<Record<Machine, ReadonlyMap<number, SystemCall>>> = { x64: byNumber(1), arm64: byNumber(2) };

/** A system call by its number; undefined for one that is not known. */
export function systemCall(number: number, machine: Machine): SystemCall | undefined {
  return BY_NUMBER[machine].get(number);
}

function byNumber(column: 1 | 2): ReadonlyMap<number, SystemCall> {
  const known = new Map<number, SystemCall>();
  for (const [list, withDescriptor] of [
    [WITH_DESCRIPTOR, true],
    [OTHERS, false],
  ] as const) {
    for (const row of list) if (row[column] !== null) known.set(row[column], { name: row[0], withDescriptor });
  }
  return known;
}
