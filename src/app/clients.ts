import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

/** What Node's own handle of a connection is, as far as it is needed here. */
export interface ClientHandle {
  open(fd: number): number;
  close(callback?: () => void): void;
  /** Bytes that the kernel has not taken yet. */
  readonly writeQueueSize: number;
  /** Bytes that the client has sent, and was sent, so far. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** The last HTTP/1 response on this connection, until it is sent; kept here by the worker. */
  response?: ServerResponse | undefined;
  /** Of a connection to an HTTP server, under TLS once that is agreed on; kept here as well. */
  socket?: Socket;
  /** The bare connection, while TLS is not agreed on yet; kept here as well. */
  handshake?: Socket | undefined;
  /** The open streams of a connection that is a session of HTTP/2, each with whether it is a tunnel; kept here as well. */
  http2?: Map<ServerHttp2Stream, boolean>;
  /** Of HTTP/2: there was a stream; kept here as well. */
  hasAsked?: boolean;
  /** Of a connection to a server that is not HTTP, under TLS once that is agreed on; kept here as well. */
  plain?: Socket;
}

export type ClientHandleClass = new (type: number) => ClientHandle;

/** TCPConstants.SOCKET and PipeConstants.SOCKET. */
const SOCKET = 0;

/** The connections that this worker holds, and how many more it may take. */
export class Clients {
  /** Ever. */
  accepted = 0;
  /** None may be taken any more, however many are there. */
  refusing = false;
  readonly #open = new Set<ClientHandle>();
  readonly #listeners: (() => void)[] = [];

  /** @param limit how many at a time; 0 for as many as come */
  constructor(readonly limit: number) {}

  get size(): number {
    return this.#open.size;
  }

  get full(): boolean {
    return this.refusing || (this.limit > 0 && this.#open.size >= this.limit);
  }

  /** Has a function called whenever the number changes. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  [Symbol.iterator](): Iterator<ClientHandle> {
    return this.#open.values();
  }

  /** Makes Node's handle of an accepted connection, which counts until Node closes it. */
  adopt(fd: number, Handle: ClientHandleClass): ClientHandle {
    const handle = new Handle(SOCKET);
    handle.open(fd);
    handle.close = (callback) => {
      if (this.#open.delete(handle)) this.#changed();
      Handle.prototype.close.call(handle, callback);
    };
    this.#open.add(handle);
    this.accepted++;
    this.#changed();
    return handle;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
