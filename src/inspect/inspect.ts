import { kcmp } from '../posix/index.js';
import { type Descriptor, type Process, readProcess } from '../proc/process.js';
import { type Diagnose, readSockets } from '../proc/sockets.js';
import { readParents, treeOf } from '../proc/tree.js';
import { describe, ordered } from './describe.js';
import { type Compare, type Identified, identify } from './descriptions.js';
import type { Inspection, ProcessView } from './inspection.js';
import { notReadable, undiagnosed, weaker, whyMissing } from './notes.js';
import { readServers, type Servers } from './servers.js';

export interface InspectOptions {
  /** kcmp(2). */
  readonly compare?: Compare;
  /** sock_diag(7). */
  readonly diagnose?: Diagnose;
}

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

function socketHolders(groups: readonly Identified[]): Map<number, readonly Descriptor[]> {
  const sockets = groups.filter(({ descriptors: [first] }) => first?.link.kind === 'socket');
  return new Map(sockets.map(({ descriptors }) => [Number(descriptors[0]?.link.name), descriptors]));
}

function viewOf({ descriptors, network: _, ...process }: Process, { roles }: Servers): ProcessView {
  return { ...process, role: roles.get(process.pid) ?? null, descriptors: descriptors?.length ?? null };
}
