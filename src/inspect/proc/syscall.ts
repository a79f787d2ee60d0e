/** Of x86-64: those that wait, and of these the ones whose first argument is a descriptor. */
const WITH_DESCRIPTOR: Readonly<Record<number, string>> = {
  0: 'read',
  1: 'write',
  17: 'pread64',
  18: 'pwrite64',
  19: 'readv',
  20: 'writev',
  40: 'sendfile',
  42: 'connect',
  43: 'accept',
  44: 'sendto',
  45: 'recvfrom',
  46: 'sendmsg',
  47: 'recvmsg',
  72: 'fcntl',
  73: 'flock',
  74: 'fsync',
  75: 'fdatasync',
  208: 'io_getevents',
  232: 'epoll_wait',
  242: 'mq_timedsend',
  243: 'mq_timedreceive',
  281: 'epoll_pwait',
  288: 'accept4',
  299: 'recvmmsg',
  307: 'sendmmsg',
  426: 'io_uring_enter',
  441: 'epoll_pwait2',
};

const OTHERS: Readonly<Record<number, string>> = {
  7: 'poll',
  23: 'select',
  34: 'pause',
  35: 'nanosleep',
  56: 'clone',
  57: 'fork',
  58: 'vfork',
  59: 'execve',
  61: 'wait4',
  65: 'semop',
  128: 'rt_sigtimedwait',
  130: 'rt_sigsuspend',
  202: 'futex',
  219: 'restart_syscall',
  220: 'semtimedop',
  230: 'clock_nanosleep',
  247: 'waitid',
  270: 'pselect6',
  271: 'ppoll',
  435: 'clone3',
  449: 'futex_waitv',
};

/**
 * What a thread waits in, such as 'accept4(17)' or 'futex', from the text of /proc/PID/task/TID/syscall;
 * 'running' when it does not wait, undefined when the text does not tell. proc_pid_syscall(5).
 */
export function parseSyscall(text: string): string | undefined {
  const [first = '', argument = '', ...more] = text.trim().split(' ');
  if (first === 'running') return first;
  if (!/^\d+$/.test(first)) return undefined; // -1: it waits outside of any system call.
  if (more.at(-1) === '0x0') return undefined; // A thread of the kernel's, which comes from nowhere.
  const number = Number(first);
  const name = WITH_DESCRIPTOR[number];
  if (name === undefined) return OTHERS[number] ?? `system call ${number}`;
  // A descriptor is an int: what the register has above it means nothing.
  return /^0x[0-9a-f]+$/.test(argument) ? `${name}(${Number(BigInt.asIntN(32, BigInt(argument)))})` : name;
}

/** The kernel's function that a thread sleeps in, from /proc/PID/task/TID/wchan; undefined when there is none. */
export function parseWchan(text: string): string | undefined {
  const name = text.trim();
  return name === '' || name === '0' ? undefined : name;
}
