import { parseLink } from '../proc/link.js';
import { readCommand } from '../proc/process.js';
import { readLink, readNumbers, readText } from '../proc/read.js';
import { readSockets, type SocketHolder } from '../proc/sockets.js';
import { readParents, topsOf } from '../proc/tree.js';
import { identityOf } from '../scoreboard/identity.js';
import { clipped } from './text.js';

export interface RunningServer {
  readonly pid: number;
  /** Whose it is. */
  readonly uid: number;
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
  const users = [...parents.keys()].filter((pid) => pid !== process.pid && hasAddon(pid)).map(readHolder);
  const namespaces = readSockets(users);
  const serving = users.filter(({ network, descriptors }) => {
    const sockets = namespaces.get(network ?? '')?.byInode;
    return descriptors?.some(({ link }) => sockets?.get(Number(link.name))?.state === 'LISTEN');
  });
  const tops = topsOf(
    serving.map(({ pid }) => pid),
    parents,
  );
  return tops.map((pid) => ({ pid, uid: userOf(pid), command: clipped(readCommand(pid)) }));
}

function hasAddon(pid: number): boolean {
  return ADDON.test(readText(`/proc/${pid}/maps`) ?? '');
}

function readHolder(pid: number): SocketHolder {
  const numbers = readNumbers(`/proc/${pid}/fd`) ?? [];
  const links = numbers.flatMap((fd) => readLink(`/proc/${pid}/fd/${fd}`) ?? []).map(parseLink);
  const descriptors = links.filter(({ kind }) => kind === 'socket').map((link) => ({ link }));
  return { pid, network: readLink(`/proc/${pid}/ns/net`) ?? null, descriptors };
}

/** -1 when it has ended meanwhile. */
function userOf(pid: number): number {
  try {
    return identityOf(pid).uid;
  } catch {
    return -1;
  }
}
