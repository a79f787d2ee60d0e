import type { Process } from '../proc/process.js';
import { readServer, type Snapshot } from '../scoreboard/index.js';
import { readRoles } from './roles.js';

/** What the scoreboards of prefork's servers say, and processes of other servers of themselves. */
export interface Servers {
  /** 'monitor', 'worker 0', 'nginx: worker process', 'cluster primary' …, by process id. */
  readonly roles: ReadonlyMap<number, string>;
  readonly listeners: readonly Snapshot['description']['listeners'][number][];
}

const SCOREBOARD = 'prefork-scoreboard';

/** Each server's scoreboard is read once, through the first of its processes. */
export function readServers(processes: readonly Process[]): Servers {
  const roles = new Map<number, string>();
  const listeners: Servers['listeners'][number][] = [];
  for (const { pid, descriptors } of processes) {
    if (roles.has(pid) || !descriptors?.some(({ link }) => link.kind === 'memfd' && link.name === SCOREBOARD)) continue;
    const snapshot = readSnapshot(pid);
    if (snapshot === undefined || roles.has(snapshot.description.pid)) continue;
    for (const [member, role] of rolesOf(snapshot)) roles.set(member, role);
    listeners.push(...snapshot.description.listeners);
  }
  return { roles: new Map([...readRoles(processes), ...roles]), listeners };
}

export function rolesOf({ description, workers }: Snapshot): Map<number, string> {
  const roles = new Map([[description.pid, 'monitor']]);
  if (description.zygote !== null) roles.set(description.zygote.pid, 'zygote');
  for (const { pid, slot } of workers) if (pid !== 0) roles.set(pid, `worker ${slot}`);
  return roles;
}

/** Undefined when it has ended, or does not describe itself yet. */
function readSnapshot(pid: number): Snapshot | undefined {
  try {
    return readServer(pid);
  } catch {
    return undefined;
  }
}
