import { _exit, getppid, setParentDeathSignal } from '../posix/index.js';

/** What Node has to change the user and the groups of a process by. */
const CHANGES = ['setuid', 'setgid', 'seteuid', 'setegid', 'setgroups', 'initgroups'] as const;

/**
 * Has the kernel kill this process when the monitor ends, also once the app has become another user: the kernel forgets
 * the signal of a process that changes its user or group. PR_SET_PDEATHSIG in prctl(2).
 */
export function dieWithMonitor(monitor: number): void {
  followMonitor(monitor);
  for (const name of CHANGES) {
    const original = Reflect.get(process, name) as ((...args: unknown[]) => unknown) | undefined;
    if (original === undefined) continue;
    Reflect.set(process, name, (...args: unknown[]) => {
      try {
        return original.apply(process, args);
      } finally {
        followMonitor(monitor);
      }
    });
  }
}

/** Sets the signal anew; ends this process where the monitor has died before that. */
export function followMonitor(monitor: number): void {
  setParentDeathSignal('SIGKILL');
  if (getppid() !== monitor) _exit(1);
}
