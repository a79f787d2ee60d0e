import { closeSync, constants, fstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { askForBoard } from './board-socket.js';
import { numbersOf } from './header.js';
import { DESCRIPTIONS, descriptionOffset, HEADER, HEADER_SIZE, RECORDS_OFFSET, SIZE } from './layout.js';
import { NAME } from './scoreboard.js';

const LINK = `/memfd:${NAME} (deleted)`;
const { O_RDONLY, O_NONBLOCK } = constants;
/** How often a description is read anew that was written meanwhile. */
const MAX_ATTEMPTS = 1000;

/** A scoreboard as it was at one time. */
export interface BoardCopy {
  readonly memory: ArrayBuffer;
  /** Bytes of the file; the copy is never larger than the scoreboard of this version. */
  readonly size: number;
  /** Whose file it is. */
  readonly uid: number;
}

/**
 * Copies what a process calls its scoreboard. It may be anything: a FIFO, for which open(2) would wait, a file of any
 * size, one that is made shorter meanwhile, at which a mapping would be a SIGBUS.
 * @throws when there is no such process, it is somebody else's, or it has none
 */
export function copyBoard(pid: number): BoardCopy {
  const fd = openBoard(pid);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new Error('what it calls its scoreboard is no file');
    return { memory: copyOf(fd, Math.min(stats.size, SIZE)), size: stats.size, uid: stats.uid };
  } finally {
    closeSync(fd);
  }
}

/** From /proc or, where that is closed to processes of this user, from the monitor itself. */
function openBoard(pid: number): number {
  try {
    return openSync(boardPath(pid), O_RDONLY | O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const board = code === 'EACCES' || code === 'EPERM' ? askForBoard(pid) : undefined;
    if (board === undefined) throw error;
    return board;
  }
}

function boardPath(pid: number): string {
  const directory = `/proc/${pid}/fd`;
  for (const name of readdirSync(directory)) {
    if (linkOf(`${directory}/${name}`) === LINK) return `${directory}/${name}`;
  }
  throw new Error('it is not a prefork server');
}

/** One of which the description is whole: its place was not written anew while it was read. */
function copyOf(fd: number, size: number): ArrayBuffer {
  const memory = new ArrayBuffer(size);
  if (size < HEADER_SIZE) return memory;
  const header = numbersOf(memory);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    copy(fd, memory, 0, HEADER_SIZE);
    const sequence = header[HEADER.sequence] as number;
    copy(fd, memory, descriptionOffset(sequence), DESCRIPTIONS.size);
    copy(fd, memory, 0, HEADER_SIZE);
    if (header[HEADER.sequence] !== sequence) continue;
    copy(fd, memory, RECORDS_OFFSET, size - RECORDS_OFFSET);
    return memory;
  }
  throw new Error('its scoreboard is written all the time');
}

/** As much of it as there is. */
function copy(fd: number, memory: ArrayBuffer, offset: number, length: number): void {
  const end = Math.min(offset + length, memory.byteLength);
  for (let at = offset; at < end; ) {
    const bytes = readSync(fd, new Uint8Array(memory), at, end - at, at);
    if (bytes === 0) return;
    at += bytes;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // Closed since.
    throw error;
  }
}
