import type { Clients } from './clients.js';
import type { HttpTraffic } from './http.js';
import type { ListenHook } from './listen.js';

export interface DrainOptions {
  readonly clients: Clients;
  readonly traffic: HttpTraffic;
  readonly listening: ListenHook;
  /** The whole service ends: who waits in the queue has no other worker to go to. */
  readonly stopping: boolean;
  /** How long, in milliseconds, a client may keep an idle connection that it could still ask on. */
  readonly linger: number;
  /** Called once the last connection has closed. */
  readonly done: () => void;
}

/** How long, in milliseconds, a client that has just connected may take to ask when the service ends. */
const FIRST_WORD = 1000;

/** Accepts no more, has every client leave after its present answer, and is done when all have left. */
export function drain(options: DrainOptions): void {
  const { clients, traffic, listening, stopping, linger, done } = options;
  traffic.end();
  for (const handle of listening.handles) handle.finish(stopping);
  const finish = () => {
    if (clients.size === 0) setImmediate(done);
  };
  clients.onChange(finish);
  finish();
  // A client that asks just as we hang up sees an error. When others serve on, it gets the time to hear 'close' first.
  if (stopping) traffic.closeIdle();
  setTimeout(() => traffic.closeIdle(), linger).unref();
  setTimeout(() => traffic.closeUnasked(), stopping ? Math.min(linger, FIRST_WORD) : linger).unref();
}
