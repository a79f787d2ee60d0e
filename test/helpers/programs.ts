import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestAPI, test } from 'vitest';

interface Installable {
  /** Debian's. */
  readonly package: string;
  /** What it may be called, where not by its own name. */
  readonly names?: readonly string[];
}

/**
 * The programs that tests start and that not every machine has. A shell and the commands of POSIX are taken for granted.
 * In a file of its own, from which .ci/run installs them, too.
 */
const PROGRAMS = JSON.parse(readFileSync(join(import.meta.dirname, 'programs.json'), 'utf8')) as Record<
  Program,
  Installable
>;

export type Program =
  | 'apache2'
  | 'bash'
  | 'cc'
  | 'chromium'
  | 'nginx'
  | 'nm'
  | 'perl'
  | 'prlimit'
  | 'python3'
  | 'script'
  | 'setpriv'
  | 'strace'
  | 'telnet'
  | 'unshare';

declare module 'vitest' {
  interface TaskMeta {
    /** The programs that are not installed, for which the test is skipped: scripts/summary.mjs tells. */
    missing?: readonly string[];
  }
}

/** The path of an installed program; undefined when there is none. */
export function findProgram(program: Program): string | undefined {
  return findExecutable(PROGRAMS[program].names ?? [program]);
}

/** The path of the first of these commands that the PATH leads to. */
export function findExecutable(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable);
}

/** Those of a test's programs, or of all, that are not installed. */
export function missingPrograms(programs = Object.keys(PROGRAMS) as Program[]): Program[] {
  return programs.filter((program) => findProgram(program) === undefined);
}

/** What is missing, and how to get it. */
export function missingText(programs: readonly Program[]): string {
  const packages = new Set(programs.map((program) => PROGRAMS[program].package));
  return `${programs.join(', ')}: not installed; apt-get install ${[...packages].join(' ')}`;
}

/** vitest's test, of a test that starts these programs: where one is not installed it is skipped, and says so. */
export function testWith(...programs: Program[]): TestAPI<{ programs: undefined }> {
  return test.extend<{ programs: undefined }>({
    programs: [
      async ({ skip, task }, use) => {
        const missing = missingPrograms(programs);
        task.meta.missing = missing;
        skip(missing.length > 0, missingText(missing));
        await use(undefined);
      },
      { auto: true },
    ],
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
