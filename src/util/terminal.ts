import { closeSync, constants, openSync } from 'node:fs';
import { isatty } from 'node:tty';

const STANDARD_STREAMS = [0, 1, 2];

/**
 * The terminal that this process was started from, if any: it has one as its controlling terminal and has it, or
 * another one, as a standard stream. One that was started by nohup has none of them, whose SIGHUP Node cannot keep
 * ignored.
 * @returns whether it is gone since: its window or its connection was closed. tty(4)
 */
export function watchTerminal(): () => boolean {
  const hadOne = hasTerminal() && STANDARD_STREAMS.some((fd) => isatty(fd));
  return () => hadOne && !hasTerminal();
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDWR | constants.O_NOCTTY));
    return true;
  } catch (error) {
    // Everything else, such as EMFILE, says nothing about it.
    return !['ENXIO', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
