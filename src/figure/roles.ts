import { readRoles } from '../inspect/roles.js';
import { rolesOf } from '../inspect/servers.js';
import { readCommand } from '../proc/process.js';
import { readServer } from '../scoreboard/index.js';
import type { TreeProcess } from './process-trees.js';

/** A new process may say what it is only after some looks. */
const LOOKS = 10;

/** What processes are in their server: read when others have come, and once more a little later. */
export class Roles {
  #roles: ReadonlyMap<number, string> = new Map();
  #known = '';
  #looks = 0;

  of(members: readonly TreeProcess[]): ReadonlyMap<number, string> {
    const key = members.map(({ pid, stat }) => `${pid} ${stat.startTime}`).join();
    if (key !== this.#known) this.#looks = 0;
    if (this.#looks === 0 || this.#looks === LOOKS) this.#roles = read(members);
    this.#known = key;
    this.#looks++;
    return this.#roles;
  }
}

function read(members: readonly TreeProcess[]): Map<number, string> {
  const processes = members.map(({ pid, stat: { parent } }) => ({ pid, parent, command: readCommand(pid) }));
  const roles = readRoles(processes);
  for (const { pid } of members) {
    if (!roles.has(pid)) for (const [member, role] of preforkRoles(pid)) roles.set(member, role);
  }
  return roles;
}

function preforkRoles(pid: number): Iterable<[number, string]> {
  try {
    return rolesOf(readServer(pid));
  } catch {
    return []; // The process is no prefork start, or does not describe itself yet.
  }
}
