import type { MonitorEvent } from './events.js';

/**
 * Node itself writes its warnings, and the stack of an error that nothing catches, straight to standard error, and would
 * wait there for a reader who does not read: the monitor would neither supervise nor end. They go to the log instead.
 */
export function takeNodesMessages(report: (event: MonitorEvent) => void): void {
  // With --no-warnings there is no listener.
  if (process.listenerCount('warning') > 0) {
    const onWarning = ({ name, message }: Error) => report({ type: 'warning', message: `${name}: ${message}` });
    process.removeAllListeners('warning').on('warning', onWarning);
  }
  process.on('uncaughtException', (error: unknown) => {
    report({ type: 'failed', stack: error instanceof Error ? `${error.stack}` : String(error) });
    process.exit(1);
  });
}
