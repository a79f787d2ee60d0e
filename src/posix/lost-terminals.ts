import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { attempt } from '../util/attempt.js';
import { close, dup2, open } from './file.js';
import { leaveTerminal } from './process.js';

const STANDARD_STREAMS = [0, 1, 2];
/** makedev(1, 3): null(4). */
const NULL_DEVICE = 0x103;

/**
 * Puts /dev/null in place of standard streams whose terminal was closed. To be called when a process ends: Node then sets
 * the terminals that it began with back to how they were, and aborts where that fails, with EIO.
 */
export function replaceLostTerminals(): void {
  for (const fd of STANDARD_STREAMS) {
    if (isLostTerminal(fd)) attempt(() => replace(fd));
  }
}

function replace(fd: number): void {
  const nothing = open('/dev/null', 'r+');
  dup2(nothing, fd);
  close(nothing);
}

function isLostTerminal(fd: number): boolean {
  try {
    if (isatty(fd)) return false;
    const status = fstatSync(fd);
    if (!status.isCharacterDevice() || status.rdev === NULL_DEVICE) return false;
    leaveTerminal(fd); // No terminal: ENOTTY.
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EIO';
  }
}
