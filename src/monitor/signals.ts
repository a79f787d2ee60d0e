import { SignalWatch } from '../posix/index.js';
import { watchTerminal } from '../util/terminal.js';
import type { Monitor } from './monitor.js';

/** 128 and the signal's number. */
const SIGHUP_STATUS = 129;
const SIGINT_STATUS = 130;

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
