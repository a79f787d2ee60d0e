import { type Credentials, type Sender, withCredentials } from '../../posix/index.js';
import { StatusFile } from '../../proc/status-file.js';

/** The rights by which a socket is opened, and its path kept; undefined for the monitor's own. */
export type Rights = Credentials | undefined;

/**
 * The rights of the process that asks for a socket: the app may be another user by now, and a process that was taken over
 * is not to get from a monitor of root's what it could not open itself.
 * @param monitorUid the effective user of this process
 */
export function rightsOf({ pid, uid, gid }: Sender, monitorUid = process.geteuid?.() ?? 0): Rights {
  if (monitorUid !== 0 || uid === 0) return undefined;
  return { uid, gid, groups: groupsOf(pid, uid) };
}

/** Does something by these rights. */
export function by<Result>(rights: Rights, work: () => Result): Result {
  return rights === undefined ? work() : withCredentials(rights, work);
}

export function isSame(one: Rights, other: Rights): boolean {
  return one?.uid === other?.uid && one?.gid === other?.gid;
}

/** The supplementary groups of a process, if it still is that user's in every respect. proc_pid_status(5). */
function groupsOf(pid: number, uid: number): number[] {
  try {
    const status = new StatusFile(pid);
    return status.numbers('Uid').every((each) => each === uid) ? status.numbers('Groups') : [];
  } catch {
    return []; // It has ended.
  }
}
