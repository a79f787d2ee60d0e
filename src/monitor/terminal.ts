import { constants } from 'node:fs';
import { isatty } from 'node:tty';
import { close, leaveTerminal, open } from '../posix/index.js';
import { attempt } from '../util/attempt.js';

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
    close(openTerminal());
    return true;
  } catch (error) {
    // Everything else, such as EMFILE, says nothing about it.
    return !['ENXIO', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}

/**
 * In a fork of the monitor: gives up its controlling terminal, which it shares with the shell that started the service.
 * A process that has it may type there for that shell, and press Ctrl-C for the monitor: TIOCSTI in ioctl_tty(2).
 */
export function giveUpTerminal(): void {
  const own = attempt(openTerminal);
  for (const fd of [own, ...STANDARD_STREAMS]) if (fd !== undefined) attempt(() => leaveTerminal(fd));
  if (own !== undefined) close(own);
}

function openTerminal(): number {
  return open('/dev/tty', constants.O_RDWR | constants.O_NOCTTY);
}
