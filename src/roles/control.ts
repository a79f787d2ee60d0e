import type { Monitor } from './monitor.js';

const SIGINT_STATUS = 130;

/** Signals. @returns what undoes it */
export function obey(monitor: Monitor): () => void {
  const handlers = {
    SIGTERM: () => monitor.stop('SIGTERM'),
    SIGQUIT: () => monitor.stop('SIGQUIT'),
    SIGINT: () => monitor.stop('SIGINT', { quick: true, status: SIGINT_STATUS }),
    SIGHUP: () => monitor.reload(),
    SIGTTIN: () => monitor.scale(monitor.target + 1),
    SIGTTOU: () => monitor.scale(monitor.target - 1),
    SIGUSR2: () => {}, // Kept for later; it must not end the service.
  } as const;
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
  };
}
