import { binding } from './binding.js';
import { close } from './file.js';
import { kill, signalNumber } from './process.js';

/**
 * A descriptor of a process, close-on-exec: it never means another one, also when the id is given to another process.
 * pidfd_open(2). poll() tells its end as 'read'. @throws ESRCH when there is no such process; EMFILE, ENFILE
 */
export function pidfdOpen(pid: number): number {
  return binding().pidfdOpen(pid);
}

/**
 * Sends a signal to the process of such a descriptor. pidfd_send_signal(2).
 * @param signal a name or number; 0 only asks whether the process exists
 * @throws ESRCH when it has ended, EPERM when it is not ours to signal
 */
export function pidfdSendSignal(pidfd: number, signal: NodeJS.Signals | number): void {
  binding().pidfdSendSignal(pidfd, signalNumber(signal));
}

/** Whether a process is a child of this one, also one that has ended but was not reaped. waitid(2) with WNOWAIT. */
export function isChild(pid: number): boolean {
  return binding().isChild(pid);
}

/**
 * Sends a signal to a child of this process, and to no other process, whatever its id. The child is held by a descriptor
 * while the kernel is asked whether it is one. Where no descriptor is left, its id is as safe: the kernel does not give it
 * to another process before this one has reaped the child.
 * @throws ESRCH when it is no child of this process, EPERM when it is not ours to signal
 */
export function signalChild(pid: number, signal: NodeJS.Signals): void {
  const pidfd = opened(pid);
  try {
    if (!isChild(pid)) throw noChild(pid);
    if (pidfd === undefined) kill(pid, signal);
    else pidfdSendSignal(pidfd, signal);
  } finally {
    if (pidfd !== undefined) close(pidfd);
  }
}

function opened(pid: number): number | undefined {
  try {
    return pidfdOpen(pid);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ENOSYS and EPERM: a kernel before 5.3, or a sandbox that does not know the call.
    if (['EMFILE', 'ENFILE', 'ENOMEM', 'ENOSYS', 'EPERM'].includes(code ?? '')) return undefined;
    throw error;
  }
}

function noChild(pid: number): NodeJS.ErrnoException {
  const error = new Error(`kill ESRCH: process ${pid} is no child of this process`);
  return Object.assign(error, { code: 'ESRCH', syscall: 'kill' });
}
