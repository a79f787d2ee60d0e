import { lchownSync, unlinkSync } from 'node:fs';
import { bind, close, type Listener, listen, socket } from '../posix/index.js';
import { SocketPath } from './socket-path.js';
import { isStale, withShortPath } from './unix-socket.js';

/** A path's owner; what is left out stays as it is. */
export interface PathOwner {
  readonly uid?: number;
  readonly gid?: number;
}

export interface PathOptions {
  readonly backlog: number;
  /** The path's permissions; without them this process's umask decides. */
  readonly mode?: number;
  readonly owner?: PathOwner;
  /** Has the path a spare name, by which it can be restored: see SocketPath. */
  readonly keepSpare?: boolean;
  /** Takes paths that are longer than an address of the unix domain; they are bound through their folder. */
  readonly anyLength?: boolean;
}

export interface PathListener extends Listener {
  readonly path: SocketPath;
}

/**
 * Listens on a path of the unix domain, in place of a socket there on which no process listens any more.
 * @throws EADDRINUSE, also for a file that is no socket; ENOENT, EACCES, ENAMETOOLONG, …; EPERM from chown(2)
 */
export function listenOnPath(path: string, options: PathOptions): PathListener {
  try {
    return bindTo(path, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || !isStale(path)) throw error;
  }
  unlinkSync(path);
  return bindTo(path, options);
}

/** The permissions that a new socket gets under this umask: unix(7). */
export function modeUnder(umask: number): number {
  return 0o777 & ~umask;
}

function bindTo(path: string, options: PathOptions): PathListener {
  const { backlog, mode, owner, keepSpare = false, anyLength = false } = options;
  const fd = socket({ family: 'unix' });
  let name: SocketPath | undefined;
  try {
    const bindShort = (short: string) => bind(fd, { family: 'unix', path: short });
    withUmask(mode, () => (anyLength ? withShortPath(path, bindShort) : bindShort(path)));
    name = new SocketPath(path, keepSpare);
    // Before clients can connect: until listen(2) they are refused.
    if (owner !== undefined) lchownSync(path, owner.uid ?? -1, owner.gid ?? -1);
    listen(fd, backlog);
    return { fd, address: { family: 'unix', path }, path: name };
  } catch (error) {
    name?.remove();
    close(fd);
    throw error;
  }
}

/** The kernel applies the umask when it makes the path: so the path never has other permissions, not for a moment. */
function withUmask(mode: number | undefined, make: () => void): void {
  if (mode === undefined) {
    make();
    return;
  }
  const before = process.umask(modeUnder(mode));
  try {
    make();
  } finally {
    process.umask(before);
  }
}
