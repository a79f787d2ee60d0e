// Which prebuilt addon is for this Node, and whether fork has been tried in one like it, as src/posix/binding.ts sees it.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** On a processor that the fork has assembly for. */
export const isKnownMachine = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
const library = cLibrary();
const suffix = library === 'musl' ? '-musl' : '';

export const canFork = isKnownMachine && (library === 'glibc' || (library === 'musl' && process.arch === 'x64'));
/** Why it cannot be known to work. */
export const untried = isKnownMachine
  ? `Node with ${library === 'musl' ? `musl on ${process.arch}` : 'neither glibc nor musl'}, where fork has never been tried`
  : `${process.platform} on ${process.arch}`;
export const prebuilt = join(
  resolve(import.meta.dirname, '..'),
  `prebuilds/${process.platform}-${process.arch}${suffix}/prefork.node`,
);

/** By the C library that is mapped: the report of Node takes ten times as long. */
function cLibrary() {
  if (process.env.PREFORK_PLATFORM === 'untested') return 'other';
  return libraryIn(mappings()) ?? libraryIn(process.report.getReport().sharedObjects.join('\n')) ?? 'other';
}

/** @param {string} paths one at the end of each line */
export function libraryIn(paths) {
  if (/\/libc(\.so\.6|-2\.\d+\.so)$/m.test(paths)) return 'glibc';
  return /\/(ld-musl-[\w-]+\.so\.1|libc\.so)$/m.test(paths) ? 'musl' : undefined;
}

function mappings() {
  try {
    return readFileSync('/proc/self/maps', 'latin1');
  } catch {
    return ''; // There is no /proc.
  }
}
