import type { Order } from '../library/service.js';
import type { Monitor } from './monitor.js';

const SIGINT_STATUS = 130;

/** Signals, and orders of the library. @returns what undoes it */
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
  const onOrder = (order: Order) => {
    if (order.type === 'reload') monitor.reload();
    else if (order.type === 'scale') monitor.scale(order.workers);
    else monitor.stop('the program that started it says so', { quick: order.quick });
  };
  const onDisconnect = () => monitor.stop('the program that started it is gone');
  process.on('message', onOrder).on('disconnect', onDisconnect);
  return () => {
    process.off('message', onOrder).off('disconnect', onDisconnect);
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
  };
}
