import type { AppMessage } from '../channel/framing.js';
import type { MonitorEvent, Order } from './events.js';
import type { Monitor } from './monitor.js';
import { Outstanding } from './policy/outstanding.js';

/** What the monitor has to do with the process that started it with an IPC channel of Node's. */
export interface Parent {
  /** Tells it what has happened. */
  tell(event: MonitorEvent): void;
  /** Hands on what the app has sent by process.send(); undefined where that is not heard. */
  readonly forward: ((said: AppMessage) => void) | undefined;
  /** Has the monitor do what the parent says. @returns what undoes it */
  followOrders(monitor: Monitor): () => void;
}

/**
 * The process that started this one; undefined without a channel.
 * @param byLibrary serve() did
 * @param warn told when the supervisor does not read what the app has to say to it
 */
export function parentOnChannel(byLibrary: boolean, warn: (message: string) => void): Parent | undefined {
  if (!process.connected) return undefined;
  return byLibrary ? library : supervisorThatReads(warn);
}

/** serve() is told of every event and gives orders; the service ends with its process. */
const library: Parent = {
  tell: send,
  forward: undefined,
  followOrders(monitor) {
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
function supervisorThatReads(warn: (message: string) => void): Parent {
  const outstanding = new Outstanding();
  return {
    tell(event) {
      if (event.type === 'serving') send('ready');
    },
    forward({ message, bytes }) {
      // Each worker says 'ready' for itself, and the first one too soon.
      if (message === 'ready') return;
      const admitted = outstanding.add(bytes);
      if (admitted === 'first refused') warn(`the supervisor reads too slowly: ${NOT_HANDED_ON}`);
      if (admitted === 'admitted') send(message, () => outstanding.done(bytes));
    },
    followOrders(monitor) {
      const onMessage = (message: unknown) => {
        if (message === 'shutdown') monitor.stop('its supervisor says so');
      };
      process.on('message', onMessage);
      return () => process.off('message', onMessage);
    },
  };
}

const NOT_HANDED_ON = "some of the app's messages to it (process.send) are not handed on";

/** @param sent called when it has been written, or cannot be */
function send(message: unknown, sent: () => void = () => {}): void {
  if (process.connected)
    process.send?.(message, sent); // The parent may be gone: see 'disconnect'.
  else sent();
}
