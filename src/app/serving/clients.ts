import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { type ConnectionHandle, SOCKET, type ToldAddresses, tellAddress, tellInstead } from '../../node/connections.js';

/** A connection's handle, and what a worker keeps on it. */
export interface ClientHandle extends ConnectionHandle {
  /** The last HTTP/1 response on this connection, until it is sent. */
  response?: ServerResponse | undefined;
  /** The socket of a connection to an HTTP server, under TLS once that is agreed on. */
  socket?: Socket;
  /** The bare connection, while TLS is not agreed on yet. */
  handshake?: Socket | undefined;
  /** The open streams of a connection that is a session of HTTP/2, each with whether it is a tunnel. */
  http2?: Map<ServerHttp2Stream, boolean>;
  /** The HTTP/2 client has opened a stream. */
  hasAsked?: boolean;
  /** The client is this process itself. */
  isOwn?: boolean;
  /** The socket of a connection to a server that is not HTTP, under TLS once that is agreed on. */
  plain?: Socket;
}

export type ClientHandleClass = new (type: number) => ClientHandle;

/** A handle's key for where it is among the slots. */
const SLOT = Symbol('slot');
/** In no slot: not adopted yet, or closed. */
const NONE = -1;
const LOOPBACK = { address: '127.0.0.1', family: 'IPv4', port: 1 };

interface CountedHandle extends ClientHandle {
  [SLOT]: number;
}

type CountedClass = new (type: number) => CountedHandle;

/**
 * The connections that this worker holds, and how many more it may take.
 *
 * Nothing is made for each connection that would outlive it. An entry of a Set, and a function of its own as close(),
 * keep a closed connection and all that hangs on it alive beyond the next collection of the young generation: 12 to
 * 15 % of all bytes survive then, instead of 5.5 %. What survives is copied, enlarges the young generation, and ends
 * in pages of the old one which the workers would otherwise share. npm run bench:survival measures it.
 */
export class Clients {
  /** Ever. */
  accepted = 0;
  /** None may be taken any more, however many are there. */
  refusing = false;
  /** The connections by slot; undefined where a slot is free. */
  readonly #slots: (ClientHandle | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #classes = new Map<ClientHandleClass, CountedClass>();
  readonly #listeners: (() => void)[] = [];

  /** @param limit how many at a time; 0 for as many as come */
  constructor(readonly limit: number) {}

  get size(): number {
    return this.#slots.length - this.#freeSlots.length;
  }

  get full(): boolean {
    return this.refusing || (this.limit > 0 && this.size >= this.limit);
  }

  /** Has a function called whenever the number changes. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Connections may close meanwhile. */
  *[Symbol.iterator](): Iterator<ClientHandle> {
    for (const client of this.#slots) if (client !== undefined) yield client;
  }

  /** Makes Node's handle of an accepted connection, which counts until Node closes it. */
  adopt(fd: number, Handle: ClientHandleClass): ClientHandle {
    const handle = new (this.#counted(Handle))(SOCKET);
    handle.open(fd);
    handle[SLOT] = this.#freeSlots.pop() ?? this.#slots.length;
    this.#slots[handle[SLOT]] = handle;
    this.accepted++;
    this.#changed();
    return handle;
  }

  /** The class with a close() that says so here: one class for all connections of a kind. */
  #counted(Handle: ClientHandleClass): CountedClass {
    const known = this.#classes.get(Handle);
    if (known !== undefined) return known;
    const forget = (handle: CountedHandle) => this.#forget(handle);
    const Counted = class extends Handle implements CountedHandle {
      [SLOT] = NONE;
      override close(callback?: () => void): void {
        forget(this);
        super.close(callback);
      }
    };
    // A warm-up's connection is a pair of sockets without addresses; the app is to see what it sees of others.
    tellAddress(Counted.prototype, LOOPBACK);
    // What shows a handle, such as util.inspect(), names it as under plain node.
    Object.defineProperty(Counted, 'name', { value: Handle.name });
    this.#classes.set(Handle, Counted);
    return Counted;
  }

  #forget(handle: CountedHandle): void {
    const slot = handle[SLOT];
    if (slot === NONE) return; // Node closes a handle again where it is not sure.
    handle[SLOT] = NONE;
    this.#slots[slot] = undefined;
    this.#freeSlots.push(slot);
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Makes Node's handle of a connection of this process to itself, which counts nowhere. */
export function ownClient(fd: number, Handle: ClientHandleClass, told: ToldAddresses): ClientHandle {
  const handle = new Handle(SOCKET);
  handle.open(fd);
  handle.isOwn = true;
  tellInstead(handle, told);
  return handle;
}
