import { type Compare, identify } from '../inspect/descriptions.js';
import { flagNames, parseFdInfo } from '../proc/fdinfo.js';
import { parseLink } from '../proc/link.js';
import type { Descriptor } from '../proc/process.js';
import { readLink, readMemory, readNumbers, readText } from '../proc/read.js';
import type { FigureFile } from './figure.js';

/** The longest text that is shown, in bytes. */
const MAX_TEXT_BYTES = 1000;
/** What lessons name their files. */
const LESSON_FILE = /\/prefork-lesson-\d+\.txt/;

/**
 * What a process that waits in write(2) is about to write, read from its memory; undefined where that may not be read.
 * @param syscall the text of /proc/PID/syscall: number, then arguments, of which the second is the address, the third the length
 */
export function writtenText(pid: number, syscall: string): string | undefined {
  const [, , address = '', length = ''] = syscall.split(' ');
  return readMemory(pid, Number(address), Math.min(Number(length), MAX_TEXT_BYTES))?.toString();
}

/** The files of lessons that these processes have open. */
export function filesOf(pids: readonly number[], compare: Compare): FigureFile[] {
  const descriptors = pids.flatMap((pid) =>
    (readNumbers(`/proc/${pid}/fd`) ?? []).flatMap((fd): Descriptor[] => {
      const name = readLink(`/proc/${pid}/fd/${fd}`) ?? '';
      if (!LESSON_FILE.test(name)) return [];
      const info = parseFdInfo(readText(`/proc/${pid}/fdinfo/${fd}`) ?? '');
      return [{ pid, fd, link: parseLink(name), info }];
    }),
  );
  return identify(descriptors, compare).groups.flatMap(({ descriptors: same }) => {
    const [first] = same;
    if (first === undefined) return [];
    return {
      path: first.link.name.replace(/ \(deleted\)$/, ''),
      access: flagNames(first.info.flags ?? 0)[0] ?? '',
      offset: first.info.offset ?? 0,
      holders: same.map(({ pid, fd }) => ({ pid, fd })),
    };
  });
}
