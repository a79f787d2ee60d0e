// A process with all its descendants, as /proc shows them.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { memoryOf } from '../cost/proc.mjs';

const TICK = 1 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** The ids, the root's first. */
export function tree(root) {
  const parents = new Map();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d/.test(name) && statOf(name);
    if (stat) parents.set(Number(name), stat.parent);
  }
  const members = [root];
  for (const member of members) for (const [pid, parent] of parents) if (parent === member) members.push(pid);
  return members;
}

/** In MB, of all members together: what is shared among them counts once. */
export function memoryOfTree(root) {
  return (tree(root).reduce((sum, pid) => sum + memoryOf(pid).pss, 0) * 1024) / 1e6;
}

/** In seconds, of all living members, user and system. */
export function cpuOfTree(root) {
  return tree(root).reduce((sum, pid) => sum + (statOf(pid)?.cpu ?? 0), 0);
}

/** proc_pid_stat(5); the name before the last parenthesis may hold anything. Undefined for a process that is gone. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), cpu: (Number(fields[11]) + Number(fields[12])) * TICK };
  } catch {
    return undefined;
  }
}
