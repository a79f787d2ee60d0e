import { readFileSync } from 'node:fs';

export type CLibrary = 'glibc' | 'musl' | 'other';

let known: CLibrary | undefined;

/**
 * What Node runs with, as scripts/c-library.mjs finds it for the installation. By what is mapped: Node's report takes 4 ms of
 * the processor, ten times as long. PREFORK_PLATFORM=untested has it taken for a library with which fork was never tried.
 */
export function cLibrary(): CLibrary {
  if (process.env.PREFORK_PLATFORM === 'untested') return 'other';
  known ??= libraryIn(mappings()) ?? libraryIn(reportedLibraries()) ?? 'other';
  return known;
}

/** @param paths one at the end of each line @returns undefined where none of them is a C library */
export function libraryIn(paths: string): CLibrary | undefined {
  if (/\/libc(\.so\.6|-2\.\d+\.so)$/m.test(paths)) return 'glibc';
  return /\/(ld-musl-[\w-]+\.so\.1|libc\.so)$/m.test(paths) ? 'musl' : undefined;
}

function mappings(): string {
  try {
    return readFileSync('/proc/self/maps', 'latin1');
  } catch {
    return ''; // There is no /proc, or Node's --permission forbids it.
  }
}

function reportedLibraries(): string {
  const { sharedObjects } = process.report.getReport() as { sharedObjects: string[] };
  return sharedObjects.join('\n');
}
