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
  return (tree(root).reduce((sum, pid) => sum + pssOf(pid), 0) * 1024) / 1e6;
}

/** Nothing for a process that has ended meanwhile. */
function pssOf(pid) {
  try {
    return memoryOf(pid).pss;
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return 0;
    throw error;
  }
}

/** In seconds, user and system, of all living members, and of the root's children that have ended. */
export function cpuOfTree(root) {
  const living = tree(root).reduce((sum, pid) => sum + (statOf(pid)?.cpu ?? 0), 0);
  return living + (statOf(root)?.ended ?? 0);
}

/** proc_pid_stat(5); the name before the last parenthesis may hold anything. Undefined for a process that is gone. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = (...indices) => indices.reduce((sum, index) => sum + Number(fields[index]), 0) * TICK;
    return { parent: Number(fields[1]), cpu: ticks(11, 12), ended: ticks(13, 14) };
  } catch {
    return undefined;
  }
}
