import { readText } from './proc/read.js';
import { readProcess } from './process.js';
import { readSockets } from './sockets.js';
import { clipped } from './text.js';
import { readParents, topsOf } from './tree.js';

export interface RunningServer {
  readonly pid: number;
  /** The beginning of its command line. */
  readonly command: string;
}

/** prefork's addon among what a process has mapped. proc_pid_maps(5). */
const ADDON = /\/prefork\.node$/m;

/**
 * The servers that work with prefork and that this process may look into: those of `prefork start`, of `prefork echo`,
 * lessons, and scripts of one's own. Of each, the top of its tree.
 */
export function findRunning(): RunningServer[] {
  const parents = readParents();
  const serving = [...parents.keys()].filter((pid) => pid !== process.pid && hasAddon(pid) && listens(pid));
  return topsOf(serving, parents).map((pid) => ({ pid, command: clipped(readProcess(pid)?.command ?? '') }));
}

function hasAddon(pid: number): boolean {
  return ADDON.test(readText(`/proc/${pid}/maps`) ?? '');
}

function listens(pid: number): boolean {
  const process = readProcess(pid);
  if (process === undefined) return false;
  const sockets = readSockets([process], () => new Map()).get(process.network ?? '');
  const links = (process.descriptors ?? []).map(({ link }) => link);
  return links.some(({ kind, name }) => kind === 'socket' && sockets?.byInode.get(Number(name))?.state === 'LISTEN');
}
