import type { LeaveReason } from '../../channel/messages.js';
import type { ListenerHandle } from '../listening/listener-handle.js';
import type { Clients } from './clients.js';
import type { HttpTraffic } from './http.js';

export interface DrainOptions {
  readonly clients: Clients;
  readonly traffic: Pick<HttpTraffic, 'end' | 'closeIdle' | 'closeUnasked' | 'endStreams'>;
  readonly listening: { readonly handles: Iterable<Pick<ListenerHandle, 'finish'>> };
  /** Milliseconds that a client may keep an idle connection on which it could still ask, while others serve on. */
  readonly linger: number;
  /** Milliseconds that WebSockets, tunnels and event streams may go on when the service ends. */
  readonly streamGrace: number;
  /** Called when the last connection has closed. */
  readonly onDrained: () => void;
  /** Called when `linger` is over, unless the service ends. */
  readonly onLate: () => void;
}

/** How long, in milliseconds, a client may take to complete its request's header when the service ends. */
const HEADER_GRACE_MS = 1000;
/** How long, in milliseconds, a client may take to close its side of a connection that was ended. */
const CLOSING_GRACE_MS = 1000;

/** A worker's way to its last client: it accepts no more, and has every client leave after its present answer. */
export class Drain {
  readonly #options: DrainOptions;
  #begun = false;
  #late: NodeJS.Timeout | undefined;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  /** Begins; again with 'stopping' when the service ends meanwhile. */
  begin(reason: LeaveReason): void {
    const { clients, traffic } = this.#options;
    this.#stopAccepting(reason === 'stopping');
    if (!this.#begun) {
      this.#begun = true;
      traffic.end();
      clients.onChange(() => this.#endWhenEmpty());
      this.#endWhenEmpty();
    }
    if (reason === 'stopping') this.#hurry();
    else this.#late = after(this.#options.linger, () => this.#linger());
  }

  // Who waits in the queue when the service ends has no other worker to go to.
  #stopAccepting(emptyQueue: boolean): void {
    const { clients, listening } = this.#options;
    clients.refusing = false;
    for (const handle of listening.handles) handle.finish(emptyQueue);
    clients.refusing = true; // Also on behalf of servers that begin to listen later.
  }

  #endWhenEmpty(): void {
    const { clients, onDrained } = this.#options;
    // Not before the app has heard of the last one's 'close', which libuv raises at the end of a turn.
    if (clients.size === 0) setImmediate(() => setImmediate(onDrained));
  }

  // A client that asks just as we hang up sees an error. While others serve on, it gets the time to hear 'close' first.
  #linger(): void {
    const { traffic, onLate } = this.#options;
    traffic.closeIdle();
    repeat(0, () => traffic.closeUnasked());
    onLate();
  }

  #hurry(): void {
    const { traffic, linger, streamGrace } = this.#options;
    clearTimeout(this.#late);
    traffic.closeIdle();
    repeat(Math.min(linger, HEADER_GRACE_MS), () => traffic.closeUnasked());
    repeat(Math.min(linger, streamGrace), () => traffic.endStreams());
  }
}

function after(milliseconds: number, callback: () => void): NodeJS.Timeout {
  return setTimeout(callback, milliseconds).unref();
}

/** Calls back after that time, and then again and again. */
function repeat(milliseconds: number, callback: () => void): void {
  after(milliseconds, () => {
    callback();
    setInterval(callback, CLOSING_GRACE_MS).unref();
  });
}
