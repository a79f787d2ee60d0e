import { constants } from 'node:fs';
import { isatty } from 'node:tty';
import { close, open, SignalWatch } from '../posix/index.js';
import type { Monitor } from './monitor.js';

/** 128 and the signal's number. */
const SIGHUP_STATUS = 129;
const SIGINT_STATUS = 130;
const STANDARD_STREAMS = [0, 1, 2];

/** Has signals act on the monitor. They are caught to the end of the process: its exit status is not theirs. */
export function installSignalHandlers(monitor: Monitor): void {
  const terminalIsGone = watchTerminal();
  const handlers = {
    SIGTERM: () => monitor.stop('SIGTERM'),
    SIGQUIT: () => monitor.stop('SIGQUIT'),
    SIGINT: () => monitor.stop('SIGINT', { quick: true, status: SIGINT_STATUS }),
    SIGHUP: () => {
      if (terminalIsGone()) monitor.stop('its terminal is gone', { status: SIGHUP_STATUS });
      else monitor.reload();
    },
    SIGTTIN: () => monitor.scale(monitor.target + 1),
    SIGTTOU: () => monitor.scale(monitor.target - 1),
    SIGUSR2: () => {}, // Kept for later; it must not end the service.
  } as const;
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  // The kernel sends them to a job in the background that uses its terminal: that is no order.
  for (const signal of ['SIGTTIN', 'SIGTTOU'] as const) new SignalWatch(signal, (sender) => sender !== 'kernel');
}

/**
 * The terminal that this process was started from, if any: it has one as its controlling terminal and has it, or
 * another one, as a standard stream. One that was started by nohup has none of them, whose SIGHUP Node cannot keep
 * ignored.
 * @returns whether it is gone since: its window or its connection was closed. tty(4)
 */
function watchTerminal(): () => boolean {
  const hadOne = hasTerminal() && STANDARD_STREAMS.some((fd) => isatty(fd));
  return () => hadOne && !hasTerminal();
}

function hasTerminal(): boolean {
  try {
    close(open('/dev/tty', constants.O_RDWR | constants.O_NOCTTY));
    return true;
  } catch (error) {
    // Everything else, such as EMFILE, says nothing about it.
    return !['ENXIO', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
