import { readFileSync } from 'node:fs';

/** A processor whose numbers of system calls and bits of open(2) are known, as process.arch names it. */
export type Machine = 'x64' | 'arm64';

/** What this process runs on, and the processes that it looks at. */
export const THIS_MACHINE: Machine = process.arch === 'arm64' ? 'arm64' : 'x64';

const AT_PAGESZ = 6n;

/** The size of a page, in bytes, by the auxiliary vector that the kernel gives a program. getauxval(3). */
export function pageSize(vector: Uint8Array = readFileSync('/proc/self/auxv')): number {
  const words = new BigUint64Array(Uint8Array.from(vector).buffer);
  for (let at = 0; at + 1 < words.length; at += 2) if (words[at] === AT_PAGESZ) return Number(words[at + 1]);
  throw new Error('/proc/self/auxv tells no size of a page');
}
