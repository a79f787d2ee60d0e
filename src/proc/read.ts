import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
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

function attempt<T>(read: () => T): Read<T> {
  try {
    return read();
  } catch (error) {
    return GONE.has((error as NodeJS.ErrnoException).code ?? '') ? undefined : null;
  }
}
