import { binding } from './binding.js';

/** What the kernel decides by whether a process may do something. */
export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
}

/**
 * Does something with the rights of another user, without root's capabilities, and takes its own back. To the kernel these
 * are each thread's own, so that the other threads go on with theirs: nptl(7). `work` is to be synchronous. Only root may.
 * Its real and saved user stay root's, so that a process of that user can neither signal nor trace this one meanwhile.
 * @throws EPERM where this process may not change its user; then nothing was done
 */
export function withCredentials<Result>({ uid, gid, groups }: Credentials, work: () => Result): Result {
  const native = binding();
  const own = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0, groups: native.getgroups() };
  const dumpable = native.getDumpable();
  const undo: (() => void)[] = [];
  try {
    native.setgroups(groups);
    undo.push(() => native.setgroups(own.groups));
    native.setegid(gid);
    undo.push(() => native.setegid(own.gid));
    native.seteuid(uid);
    undo.push(() => native.seteuid(own.uid));
    return work();
  } finally {
    takeBack(undo);
    // A change of user clears it, at which /proc/PID becomes root's and the process leaves no core. prctl(2)
    if (dumpable === 1) native.setDumpable(true);
  }
}

/** Root's real and saved user allow it always; a process whose threads differ in their rights for good must not go on. */
function takeBack(undo: readonly (() => void)[]): void {
  try {
    for (const step of undo.toReversed()) step();
  } catch (error) {
    process.stderr.write(`prefork: this process cannot take back its own user: ${(error as Error).stack}\n`);
    binding()._exit(1);
  }
}
