import { constants } from 'node:os';
import { binding } from './binding.js';
import { setCloseOnExec } from './file.js';

/** How a child ended: exactly one of `code` and `signal` is not null. */
export interface ChildStatus {
  readonly pid: number;
  /** The exit status, 0 to 255. */
  readonly code: number | null;
  /** The name of the signal that ended it, such as 'SIGKILL'. */
  readonly signal: NodeJS.Signals | null;
  readonly coreDumped: boolean;
}

export interface WaitOptions {
  /** Do not block: return undefined when no child has ended yet (WNOHANG). */
  readonly nohang?: boolean;
}

/** This process's id. getpid(2). */
export function getpid(): number {
  return binding().getpid();
}

/** The parent's process id; that of the reaper, often 1, once the parent has died. getppid(2). */
export function getppid(): number {
  return binding().getppid();
}

/** The process group of a process, 0 for this one. getpgid(2). @throws ESRCH when there is no such process */
export function getpgid(pid = 0): number {
  return binding().getpgid(pid);
}

/**
 * Moves this process into a process group of its session, or into a new one of its own. setpgid(2).
 * @throws EPERM when there is no such group in the session, or this process leads the session
 */
export function setpgid(group = 0): void {
  binding().setpgid(0, group);
}

/**
 * Gives up this process's controlling terminal, which its children then lack as well; its session and group stay what they
 * are. TIOCNOTTY in ioctl_tty(2).
 * @param fd a descriptor of that terminal @throws ENOTTY for what is not
 */
export function leaveTerminal(fd: number): void {
  binding().leaveTerminal(fd);
}

/**
 * Waits until a child ends and reaps it. waitpid(2).
 * @param pid a child's id, or -1 (the default) for any child, 0 or -pgid for a process group
 * @returns how it ended; undefined with `nohang` when none has
 * @throws ECHILD when there is no such child
 */
export function waitpid(pid = -1, options: WaitOptions = {}): ChildStatus | undefined {
  const status = binding().waitpid(pid, options.nohang ?? false);
  return status && { ...status, signal: signalName(status.signal) };
}

/**
 * Sends a signal. kill(2).
 * @param pid a process's id, 0 for this process group, -pgid for another
 * @param signal a name or number; 0 only asks whether the process exists. SIGTERM by default.
 * @throws ESRCH when there is no such process, EPERM when it is not ours to signal
 */
export function kill(pid: number, signal: NodeJS.Signals | number = 'SIGTERM'): void {
  binding().kill(pid, signalNumber(signal));
}

/** Ends this process as Node does, 'exit' listeners and all. exit(3). */
export function exit(status = 0): never {
  process.exit(status);
}

/** Ends this process at once: no 'exit' listeners, nothing is flushed. _exit(2). */
export function _exit(status = 0): never {
  return binding()._exit(status);
}

/**
 * Replaces this process by another program; the process id stays. execve(2). Descriptors without close-on-exec stay
 * open: 0, 1 and 2, and those of open(), pipe() and dup() unless asked otherwise. Signals that Node ignores and the
 * signal mask are as in a fresh process; in one that V8 profiles, the program ignores SIGPROF.
 * @throws ENOENT, EACCES, …; then this process goes on
 */
export function execve(path: string, argv: readonly string[], env: NodeJS.ProcessEnv = process.env): never {
  for (const fd of [0, 1, 2]) keepOnExec(fd);
  return binding().execve(path, [...argv], pairs(env));
}

/**
 * Starts a program as a child, in a process group of its own, without copying this process. posix_spawn(3). Descriptors
 * and signals are as for execve().
 * @returns the child's process id
 * @throws ENOENT, EACCES, …
 */
export function spawn(path: string, argv: readonly string[], env: NodeJS.ProcessEnv): number {
  for (const fd of [0, 1, 2]) keepOnExec(fd);
  return binding().spawn(path, [...argv], pairs(env));
}

function pairs(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}

/**
 * Asks the kernel to send this process a signal when its parent dies, more exactly the parent's thread that
 * forked it. PR_SET_PDEATHSIG in prctl(2). The parent may be dead already: compare getppid() afterwards.
 * @param signal a name or number; 0 clears it
 */
export function setParentDeathSignal(signal: NodeJS.Signals | number): void {
  binding().setParentDeathSignal(signalNumber(signal));
}

/**
 * Compares two descriptors: 0 when both refer to the same open file description, else 1, 2 (an ordering) or 3.
 * KCMP_FILE in kcmp(2). Needs the right to trace both processes.
 * @throws EBADF, ESRCH, EPERM
 */
export function kcmp(pid1: number, pid2: number, fd1: number, fd2: number): number {
  return binding().kcmp(pid1, pid2, fd1, fd2);
}

/**
 * How many requests of this thread's event loop are under way: file operations, name look-ups, work for the thread
 * pool, connects and writes that wait. Servers, idle sockets and timers are none.
 */
export function pendingRequests(): number {
  return binding().pendingRequests();
}

/** Node marks its standard streams close-on-exec when it starts. */
function keepOnExec(fd: number): void {
  try {
    setCloseOnExec(fd, false);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBADF') throw error;
  }
}

export function signalNumber(signal: NodeJS.Signals | number): number {
  if (typeof signal === 'number') return signal;
  const number = constants.signals[signal];
  if (number === undefined) {
    throw Object.assign(new TypeError(`Unknown signal: ${signal}`), { code: 'ERR_UNKNOWN_SIGNAL' });
  }
  return number;
}

function signalName(number: number | null): NodeJS.Signals | null {
  if (number === null) return null;
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return (found?.[0] ?? `SIG${number}`) as NodeJS.Signals;
}
