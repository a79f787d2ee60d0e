import { kcmp } from '../posix/index.js';
import { describe, ordered } from './describe.js';
import { type Compare, type Identified, identify } from './descriptions.js';
import { groupBy } from './group-by.js';
import type { Inspection, ProcessView } from './inspection.js';
import { type Descriptor, type Process, processOfThread, readProcess } from './process.js';
import { readServers, type Servers } from './servers.js';
import { type Diagnose, type NamespaceSockets, readSockets } from './sockets.js';
import { readParents, treeOf } from './tree.js';

export interface InspectOptions {
  /** kcmp(2). */
  readonly compare?: Compare;
  /** sock_diag(7). */
  readonly diagnose?: Diagnose;
}

/** Of the processes that may not be looked into, how many are named. */
const NAMED = 8;

/**
 * Looks at processes and all their descendants, through /proc, kcmp(2) and sock_diag(7), without touching them.
 * @throws when none of the processes exists
 */
export function inspect(roots: readonly number[], { compare = kcmp, diagnose }: InspectOptions = {}): Inspection {
  const processes = treeOf(roots, readParents()).flatMap((pid) => readProcess(pid) ?? []);
  const missing = roots.filter((root) => !processes.some(({ pid }) => pid === root)).map(whyMissing);
  if (processes.length === 0) throw new Error(missing.join('; '));
  const servers = readServers(processes);
  const namespaces = readSockets(processes, diagnose);
  const networks = new Map(processes.map(({ pid, network }) => [pid, network ?? '']));
  const { groups, refusal } = identify(
    processes.flatMap(({ descriptors }) => descriptors ?? []),
    compare,
  );
  const holders = socketHolders(groups);
  const descriptions = groups.map((group) => {
    const sockets = namespaces.get(networks.get(group.descriptors[0]?.pid ?? 0) ?? '');
    return describe(group, { sockets, servers, holders });
  });
  return {
    time: Date.now(),
    processes: processes.map((process) => viewOf(process, servers)),
    descriptions: ordered(descriptions, [...networks.keys()]),
    notes: [...missing, ...notReadable(processes), ...weaker(refusal), ...undiagnosed(namespaces)],
  };
}

function whyMissing(pid: number): string {
  const process = processOfThread(pid);
  return process === undefined ? `no such process: ${pid}` : `${pid} is a thread of process ${process}; ask for that`;
}

function socketHolders(groups: readonly Identified[]): Map<number, readonly Descriptor[]> {
  const sockets = groups.filter(({ descriptors: [first] }) => first?.link.kind === 'socket');
  return new Map(sockets.map(({ descriptors }) => [Number(descriptors[0]?.link.name), descriptors]));
}

function viewOf({ descriptors, network: _, ...process }: Process, { roles }: Servers): ProcessView {
  return { ...process, role: roles.get(process.pid) ?? null, descriptors: descriptors?.length ?? null };
}

function notReadable(processes: readonly Process[]): string[] {
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

function weaker(refusal: string | null): string[] {
  if (refusal === null) return [];
  return [
    `kcmp is refused (${refusal}): descriptors are put together by inode, which proves less: ` +
      'a file that was opened twice looks like one that is shared',
  ];
}

function undiagnosed(namespaces: ReadonlyMap<string, NamespaceSockets>): string[] {
  const refusals = new Set([...namespaces.values()].flatMap(({ refusal }) => refusal ?? []));
  const lost = "listeners' backlogs and the other ends of unix sockets are unknown";
  return [...refusals].map((refusal) =>
    refusal === 'OTHER'
      ? `of another network namespace sock_diag does not tell: there, ${lost}; ask inside of it (nsenter -n)`
      : `sock_diag is refused (${refusal}): ${lost}`,
  );
}
