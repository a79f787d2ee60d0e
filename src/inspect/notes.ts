import { type Process, processOfThread } from '../proc/process.js';
import type { NamespaceSockets } from '../proc/sockets.js';
import { groupBy } from '../util/group-by.js';

/** How many of the processes that may not be read are named. */
const NAMED = 8;

/** Why there is nothing to see of a process. */
export function whyMissing(pid: number): string {
  const process = processOfThread(pid);
  return process === undefined ? `no such process: ${pid}` : `${pid} is a thread of process ${process}; ask for that`;
}

/** Whose descriptors are not shown, and what to do. */
export function notReadable(processes: readonly Process[]): string[] {
  const closed = processes.filter(({ descriptors }) => descriptors === null);
  return [...groupBy(closed, ({ user }) => user)].map(([user, members]) => {
    const pids = members.slice(0, NAMED).map(({ pid }) => pid);
    const all = members.length > NAMED ? `${pids.join(', ')} and ${members.length - NAMED} more` : pids.join(', ');
    const remedy =
      user === process.geteuid?.()
        ? "they are this user's, but not dumpable, see prctl(2): ask as root"
        : `ask as user ${user}, whose they are, or as root`;
    return `the descriptors of ${all} may not be read; ${remedy}`;
  });
}

/** @param refusal why kcmp could not be used; null when it could */
export function weaker(refusal: string | null): string[] {
  if (refusal === null) return [];
  return [
    `kcmp is refused (${refusal}): descriptors are put together by inode, which proves less: ` +
      'a file that was opened twice looks like one that is shared',
  ];
}

/** What is lost where sock_diag does not tell. */
export function undiagnosed(namespaces: ReadonlyMap<string, NamespaceSockets>): string[] {
  const refusals = new Set([...namespaces.values()].flatMap(({ refusal }) => refusal ?? []));
  const lost = "listeners' backlogs and the other ends of unix sockets are unknown";
  return [...refusals].map((refusal) =>
    refusal === 'OTHER'
      ? `of another network namespace sock_diag does not tell: there, ${lost}; ask inside of it (nsenter -n)`
      : `sock_diag is refused (${refusal}): ${lost}`,
  );
}
