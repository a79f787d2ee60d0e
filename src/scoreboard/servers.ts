import { closeSync, fstatSync, openSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { mapSharedMemory } from '../posix/shared-memory.js';
import { type Header, readHeader as read } from './header.js';
import { NAME, Scoreboard } from './scoreboard.js';
import { type Snapshot, takeSnapshot } from './snapshot.js';

const LINK = `/memfd:${NAME} (deleted)`;

/**
 * Reads a server's scoreboard from outside, whatever the server does, even stopped by SIGSTOP.
 * @param pid its monitor, zygote or one of its workers
 * @throws when there is no such process, it is somebody else's, it is no prefork server, or another version's whose
 * layout is not known here
 */
export function readServer(pid: number): Snapshot {
  return withScoreboard(pid, (fd) => takeSnapshot(Scoreboard.attach(fd, { readOnly: true })));
}

/** As readServer(), what every version of prefork says of a server. */
export function readHeader(pid: number): Header {
  return withScoreboard(pid, (fd) => read((size) => mapSharedMemory(fd, size, true), fstatSync(fd).size));
}

/** The monitors of all servers that this process may look into, in ascending order. */
export function findServers(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && isMonitor(pid))
    .sort((a, b) => a - b);
}

/** Whether it is the monitor of a server of any version; not so where this process may not look. */
export function isMonitor(pid: number): boolean {
  try {
    return readHeader(pid).pid === pid;
  } catch {
    return false; // No server, ended meanwhile, or somebody else's.
  }
}

function withScoreboard<T>(pid: number, read: (fd: number) => T): T {
  try {
    const fd = openSync(scoreboardPath(pid), 'r');
    try {
      return read(fd);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    throw new Error(reason(pid, cause as NodeJS.ErrnoException), { cause });
  }
}

function scoreboardPath(pid: number): string {
  const directory = `/proc/${pid}/fd`;
  for (const name of readdirSync(directory)) {
    if (linkOf(`${directory}/${name}`) === LINK) return `${directory}/${name}`;
  }
  throw new Error('it is not a prefork server');
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // Closed since.
  }
}

function reason(pid: number, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' || code === 'ESRCH') return `no such process: ${pid}`;
  if (code === 'EACCES' || code === 'EPERM') {
    return `process ${pid} is user ${statSync(`/proc/${pid}`).uid}'s; ask as that user, or as root`;
  }
  return `process ${pid}: ${message}`;
}
