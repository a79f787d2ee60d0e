import { closeUnread } from '../posix/close-unread.js';
import { close, connect, getPeerCredentials, receiveMessage, setTimeouts, socket } from '../posix/index.js';
import { readText } from '../proc/read.js';
import { identityOf } from './identity.js';

/** How long a monitor may take to answer, in milliseconds. */
const TIMEOUT_MS = 2000;
/** How many sockets that call themselves a monitor's are tried. */
const MAX_TRIED = 100;

/** What the name of a monitor's socket begins with, in the abstract namespace. @param pid in the monitor's own namespace */
export function boardSocketPrefix(pid: number): string {
  return `\0prefork-scoreboard/${pid}/`;
}

/**
 * Asks a monitor for its scoreboard, where /proc does not show it: see BoardHandOut. Any process may have a socket with
 * such a name: the kernel says whether the one that listens is the monitor.
 * @returns a descriptor for reading; undefined where there is none for this process
 */
export function askForBoard(pid: number): number | undefined {
  const { uid, pidInside } = identityOf(pid);
  const own = process.geteuid?.();
  if (own !== 0 && own !== uid) return undefined;
  for (const path of socketsOf(pidInside).slice(0, MAX_TRIED)) {
    const board = boardFrom(path, { pid, uid });
    if (board !== undefined) return board;
  }
  return undefined;
}

/** Names of the abstract namespace, whose first byte /proc/net/unix shows as '@'. proc_net(5). */
function socketsOf(pid: number): string[] {
  const prefix = boardSocketPrefix(pid);
  return (readText('/proc/net/unix') ?? '')
    .split('\n')
    .map((line) => line.slice(line.indexOf('@')).replace('@', '\0'))
    .filter((name) => name.startsWith(prefix));
}

function boardFrom(path: string, monitor: { readonly pid: number; readonly uid: number }): number | undefined {
  const fd = socket({ family: 'unix' });
  try {
    setTimeouts(fd, { send: TIMEOUT_MS, receive: TIMEOUT_MS });
    connect(fd, { family: 'unix', path });
    const { pid, uid } = getPeerCredentials(fd);
    if (pid !== monitor.pid || uid !== monitor.uid) return undefined;
    const [board, ...others] = receiveMessage(fd).fds;
    for (const other of others) close(other);
    return board;
  } catch {
    return undefined; // It has ended, or does not answer.
  } finally {
    closeUnread(fd);
  }
}
