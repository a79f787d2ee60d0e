import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { printable } from '../util/printable.js';

/** What /proc gave; undefined when it is gone by now, null when it may not be read. */
export type Read<T> = T | undefined | null;

const GONE = new Set(['ENOENT', 'ESRCH']);
/** The longest text that is shown; paths have at most 4096 bytes. */
const LIMIT = 8192;

export function readBytes(path: string): Read<Buffer> {
  return attempt(() => readFileSync(path));
}

export function readText(path: string): Read<string> {
  return attempt(() => readFileSync(path, 'latin1'));
}

/** The numbers among a folder's names, ascending: process, thread or descriptor. */
export function readNumbers(path: string): Read<number[]> {
  return attempt(() => {
    const names = readdirSync(path).filter((name) => /^\d+$/.test(name));
    return names.map(Number).sort((a, b) => a - b);
  });
}

/** What a link leads to, printable. Its target is not touched: that may hang on a dead file server. */
export function readLink(path: string): Read<string> {
  const target = attempt(() => readlinkSync(path, 'buffer'));
  return target && shown(target);
}

/** Names in /proc are bytes of any kind. */
export function shown(bytes: Buffer): string {
  return printable(bytes, LIMIT);
}

/** Bytes of a process's memory, as many as there are; not where it may not be looked into. proc_pid_mem(5) */
export function readMemory(pid: number, address: number, length: number): Read<Buffer> {
  return attempt(() => {
    const fd = openSync(`/proc/${pid}/mem`, 'r');
    try {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(fd, bytes, 0, length, address));
    } finally {
      closeSync(fd);
    }
  });
}

function attempt<T>(read: () => T): Read<T> {
  try {
    return read();
  } catch (error) {
    return GONE.has((error as NodeJS.ErrnoException).code ?? '') ? undefined : null;
  }
}
