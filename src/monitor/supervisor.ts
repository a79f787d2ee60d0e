import type { Order } from '../library/service.js';
import type { MonitorEvent } from './events.js';
import type { Monitor } from './monitor.js';

/** What the monitor has to do with the process that started it with an IPC channel of Node's. */
export interface Parent {
  /** Tells it what has happened. */
  tell(event: MonitorEvent): void;
  /** Hands on what the app has sent by process.send(). */
  forward(message: unknown): void;
  /** Follows what it says. @returns what undoes it */
  obey(monitor: Monitor): () => void;
}

/** Whoever started this process; undefined without a channel. @param byLibrary serve() did */
export function parentOnChannel(byLibrary: boolean): Parent | undefined {
  if (!process.connected) return undefined;
  return byLibrary ? library : supervisor;
}

/** serve(): it hears of every event and gives orders; without it there is no service. */
const library: Parent = {
  tell: send,
  forward() {},
  obey(monitor) {
    const onOrder = (message: unknown) => {
      if (isOrder(message)) follow(monitor, message);
    };
    const onDisconnect = () => monitor.stop('the program that started it is gone');
    process.on('message', onOrder).on('disconnect', onDisconnect);
    return () => process.off('message', onOrder).off('disconnect', onDisconnect);
  },
};

function follow(monitor: Monitor, order: Order): void {
  if (order.type === 'reload') monitor.reload();
  else if (order.type === 'scale') monitor.scale(order.workers);
  else monitor.stop('the program that started it says so', { quick: order.quick });
}

function isOrder(message: unknown): message is Order {
  if (typeof message !== 'object' || message === null) return false;
  const { type, workers, quick } = message as Record<string, unknown>;
  if (type === 'scale') return Number.isSafeInteger(workers);
  return type === 'reload' || (type === 'stop' && typeof quick === 'boolean');
}

/**
 * A process manager that starts Node's programs as child_process.fork() does, such as PM2. What it knows is what PM2
 * has made usual: 'ready' once the service serves, and 'shutdown' for a graceful end where signals are not to be used.
 * All else that it sends is meant for apps, and the service goes on without it.
 */
const supervisor: Parent = {
  tell(event) {
    if (event.type === 'serving') send('ready');
  },
  forward(message) {
    // Of the workers each says it for itself, and the first one too soon.
    if (message !== 'ready') send(message);
  },
  obey(monitor) {
    const onMessage = (message: unknown) => {
      if (message === 'shutdown') monitor.stop('its supervisor says so');
    };
    process.on('message', onMessage);
    return () => process.off('message', onMessage);
  },
};

function send(message: unknown): void {
  if (process.connected) process.send?.(message, () => {}); // It may be gone: see 'disconnect'.
}
