import { ownerOf } from '../proc/process.js';
import { readNumbers } from '../proc/read.js';
import { type BoardCopy, copyBoard } from './copy.js';
import { type Header, readHeader as read } from './header.js';
import { identityOf } from './identity.js';
import { Scoreboard } from './scoreboard.js';
import { type Snapshot, takeSnapshot } from './snapshot.js';

/** A server's header, and whose server it is. */
export interface OwnedHeader extends Header {
  /** The user of the monitor. */
  readonly uid: number;
}

/**
 * Reads a server's scoreboard from outside, whatever the server does, even stopped by SIGSTOP. What a monitor says is
 * believed of itself: its scoreboard names its process, and is its user's.
 * @param pid its monitor, zygote or one of its workers
 * @throws when there is no such process, it is somebody else's, it is no prefork server, or another version's whose
 * layout is not known here
 */
export function readServer(pid: number): Snapshot {
  return explained(pid, () => {
    const { memory } = boardOf(monitorOf(pid));
    return takeSnapshot(Scoreboard.copied(memory));
  });
}

/** As readServer(), what every version of prefork says of a server; `pid` is as it is known here. */
export function readHeader(pid: number): OwnedHeader {
  return explained(pid, () => headerOf(monitorOf(pid)));
}

/** The monitors of all servers that this process may look into, in ascending order. */
export function findServers(): number[] {
  return (readNumbers('/proc') ?? []).filter(isMonitor);
}

/** Whether it is the monitor of a server of any version; not so where this process may not look. */
export function isMonitor(pid: number): boolean {
  try {
    return monitorOf(pid) === pid;
  } catch {
    return false; // No server, ended meanwhile, or somebody else's.
  }
}

/**
 * The monitor of a process of a server: itself, or its parent, as zygotes and workers are children of their monitor. What
 * the process itself says of that is not believed: it may be a worker that somebody else has taken over.
 */
function monitorOf(pid: number): number {
  const { parent } = identityOf(pid);
  if (isOwnBoard(pid, boardOf(pid))) return pid;
  try {
    if (parent > 0 && isOwnBoard(parent, boardOf(parent))) return parent;
  } catch {
    // The parent has none, or is somebody else's.
  }
  throw new Error('its scoreboard is not that of its own server');
}

function boardOf(pid: number): BoardCopy {
  return copyBoard(pid);
}

/** Whether a process is the one that a scoreboard says it is of, and the scoreboard its user's. */
function isOwnBoard(pid: number, board: BoardCopy): boolean {
  const { uid, pidInside } = identityOf(pid);
  const { pid: named } = headerIn(board);
  return board.uid === uid && (named === pid || named === pidInside);
}

function headerOf(pid: number): OwnedHeader {
  const board = boardOf(pid);
  return { ...headerIn(board), pid, uid: board.uid };
}

function headerIn({ memory, size }: BoardCopy): Header {
  return read((length) => memory.slice(0, length), size);
}

function explained<T>(pid: number, look: () => T): T {
  try {
    return look();
  } catch (cause) {
    throw new Error(reason(pid, cause as NodeJS.ErrnoException), { cause });
  }
}

function reason(pid: number, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' || code === 'ESRCH') return `no such process: ${pid}`;
  if (code === 'EACCES' || code === 'EPERM') {
    return `process ${pid} is user ${ownerOf(pid)}'s; ask as that user, or as root`;
  }
  return `process ${pid}: ${message}`;
}
