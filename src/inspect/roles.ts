import type { Process } from '../proc/process.js';
import { readText } from '../proc/read.js';

/** The title that nginx, PHP-FPM and others give themselves: 'nginx: master process', then the command line. */
const TITLE = /^[\w.-]+: [\w ]+ process\b/;
/** By it, node:cluster tells a process that it is a worker. */
const CLUSTER_WORKER = /(?:^|\0)NODE_UNIQUE_ID=(\d+)(?:\0|$)/;

/** What processes say of themselves that they are in their server, by process id. */
export function readRoles(processes: readonly Process[]): Map<number, string> {
  const roles = new Map<number, string>();
  for (const { pid, parent, command } of processes) {
    const [title] = TITLE.exec(command) ?? [];
    const worker = CLUSTER_WORKER.exec(readText(`/proc/${pid}/environ`) ?? '')?.[1];
    if (title !== undefined) roles.set(pid, title);
    if (worker === undefined) continue;
    roles.set(pid, `cluster worker ${worker}`);
    roles.set(parent, 'cluster primary');
  }
  return roles;
}
