import { subscribe } from 'node:diagnostics_channel';
import type { Server as HttpServer, ServerResponse } from 'node:http';
import type { Http2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';
import type { ClientHandle, Clients } from './clients.js';

type ClientSocket = Socket & { _handle: (ClientHandle & { _parent?: ClientHandle }) | null };

/** Of an HTTP/1 request, as Node tells it at its start and once its response is sent. */
interface Exchange {
  readonly response: ServerResponse;
  readonly socket: ClientSocket;
}

/** What this worker's HTTP servers, of both versions, are asked, and their farewell to clients that stay. */
export class HttpTraffic {
  /** Called for every request. */
  onRequest: () => void = () => {};
  #ending = false;
  #hangingUp = false;
  readonly #servers = new Set<HttpServer>();
  readonly #sessions = new Set<Http2Session>();
  readonly #clients: Clients;

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  /** Node tells of each HTTP/1 request of every server. */
  install(): void {
    subscribe('http.server.request.start', (message) => this.#started(message as Exchange));
    subscribe('http.server.response.finish', (message) => this.#finished(message as Exchange));
  }

  /** To be told of each server that listens. */
  watch(server: Server): void {
    if ('closeIdleConnections' in server) {
      this.#servers.add(server as HttpServer);
      const remember = (socket: ClientSocket) => {
        const handle = handleOf(socket);
        if (handle) handle.socket = socket;
      };
      server.on('connection', remember);
      // Under TLS what counts is what was asked, not the handshake.
      server.on('secureConnection', remember);
    }
    // HTTP/2; other servers raise no such event.
    server.on('session', (session: Http2Session) => this.#opened(session));
  }

  /** From here on each answer is the last on its connection. */
  end(): void {
    this.#ending = true;
    for (const { response } of this.#clients) if (response && !isSent(response)) this.#isLast(response);
    for (const session of this.#sessions) session.close();
  }

  /** Hangs up where no request is under way, now and, after end(), whenever an answer is sent. */
  closeIdle(): void {
    this.#hangingUp = true;
    // Node takes a connection for idle once its answer is written, before it is sent, and would cut that short.
    for (const { response } of this.#clients) if (response?.writableEnded && !isSent(response)) return;
    for (const server of this.#servers) server.closeIdleConnections();
  }

  /** Hangs up on clients of HTTP servers that have connected and not said a word, as browsers and health checks do. */
  closeUnasked(): void {
    for (const { socket } of this.#clients) {
      if (socket?.bytesRead === 0) socket.destroy();
    }
  }

  #started({ response, socket }: Exchange): void {
    this.onRequest();
    const handle = handleOf(socket);
    if (handle) handle.response = response;
    if (this.#ending) this.#isLast(response);
  }

  // What is kept from one request to the next outlives collections, for which V8 enlarges the young generation.
  #finished({ response, socket }: Exchange): void {
    const handle = handleOf(socket);
    if (handle?.response === response) handle.response = undefined;
  }

  #isLast(response: ServerResponse): void {
    if (!response.headersSent) response.shouldKeepAlive = false;
    response.once('close', () => {
      if (this.#hangingUp) this.closeIdle();
    });
  }

  #opened(session: Http2Session): void {
    this.#sessions.add(session);
    session.on('stream', () => this.onRequest());
    session.once('close', () => this.#sessions.delete(session));
    if (this.#ending) session.close();
  }
}

/** The one that was accepted, under TLS too. */
function handleOf({ _handle }: ClientSocket): ClientHandle | null {
  return _handle?._parent ?? _handle;
}

function isSent({ writableFinished, destroyed }: ServerResponse): boolean {
  return writableFinished || destroyed;
}
