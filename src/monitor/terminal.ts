import { constants } from 'node:fs';
import { close, leaveTerminal, open } from '../posix/index.js';
import { attempt } from '../util/attempt.js';

/**
 * In a fork of the monitor: gives up its controlling terminal, which it shares with the shell that started the service.
 * A process that has it may type there for that shell, and press Ctrl-C for the monitor: TIOCSTI in ioctl_tty(2).
 */
export function giveUpTerminal(): void {
  const own = attempt(() => open('/dev/tty', constants.O_RDWR | constants.O_NOCTTY));
  for (const fd of [own, 0, 1, 2]) if (fd !== undefined) attempt(() => leaveTerminal(fd));
  if (own !== undefined) close(own);
}
