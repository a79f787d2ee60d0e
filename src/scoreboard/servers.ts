import { closeSync, openSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { NAME, Scoreboard } from './scoreboard.js';
import { type Snapshot, takeSnapshot } from './snapshot.js';

const LINK = `/memfd:${NAME} (deleted)`;

/**
 * Reads a server's scoreboard from outside, whatever the server does, even stopped by SIGSTOP.
 * @param pid its monitor, zygote or one of its workers
 * @throws when there is no such process, it is somebody else's, or it is no prefork server
 */
export function readServer(pid: number): Snapshot {
  try {
    return withScoreboard(pid, takeSnapshot);
  } catch (cause) {
    throw new Error(reason(pid, cause as NodeJS.ErrnoException), { cause });
  }
}

/** The monitors of all servers that this process may look into, in ascending order. */
export function findServers(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && isMonitor(pid))
    .sort((a, b) => a - b);
}

function isMonitor(pid: number): boolean {
  try {
    return withScoreboard(pid, ({ description }) => description?.pid === pid);
  } catch {
    return false; // No server, ended meanwhile, or somebody else's.
  }
}

function withScoreboard<T>(pid: number, read: (board: Scoreboard) => T): T {
  const fd = openSync(scoreboardPath(pid), 'r');
  try {
    return read(Scoreboard.attach(fd, { readOnly: true }));
  } finally {
    closeSync(fd);
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
