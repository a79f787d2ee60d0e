import { hasSubscribers, subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server as HttpServer, ServerResponse } from 'node:http';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import type { Server, Socket } from 'node:net';
import { connectionHandleOf } from '../../node/connections.js';
import { isUpgraded, sparing } from '../../node/http-connections.js';
import type { ClientHandle, Clients } from './clients.js';
import { StreamEnder } from './streams.js';

const STARTED = 'http.server.request.start';
const FINISHED = 'http.server.response.finish';

/** An HTTP/1 request, as Node tells it at its start and once its response is sent. */
interface Exchange {
  readonly response: ServerResponse;
  readonly socket: Socket;
}

/** What this worker's HTTP servers, of both versions, are asked, and their farewell to clients that stay. */
export class HttpTraffic {
  /** Called for every request. */
  onRequest: () => void = () => {};
  #ending = false;
  #hangingUp = false;
  readonly #servers = new Set<HttpServer>();
  readonly #watched = new WeakSet<Server>();
  readonly #watchedPlain = new WeakSet<Server>();
  readonly #sessions = new Set<Http2Session>();
  readonly #streams = new StreamEnder();
  /** The sessions of HTTP/2 that had no stream when closeUnasked() last looked. */
  #without = new Set<ClientHandle>();
  readonly #clients: Clients;
  readonly #onStart = (message: unknown) => this.#started(message as Exchange);
  readonly #onFinish = (message: unknown) => this.#finished(message as Exchange);

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  /** Node tells of each HTTP/1 request of every server. */
  install(): void {
    subscribe(STARTED, this.#onStart);
    subscribe(FINISHED, this.#onFinish);
  }

  /** Whether Node tells others of requests, too. */
  get isShared(): boolean {
    unsubscribe(STARTED, this.#onStart);
    unsubscribe(FINISHED, this.#onFinish);
    const isShared = hasSubscribers(STARTED) || hasSubscribers(FINISHED);
    this.install();
    return isShared;
  }

  /** To be told of each server that listens; one may close and listen again. */
  watch(server: Server): void {
    if (this.#watched.has(server)) return;
    this.#watched.add(server);
    const isTls = 'setSecureContext' in server;
    if (isHttp1(server)) this.#servers.add(server);
    if (isTls) {
      server.on('connection', (socket: Socket) => note(socket, { handshake: socket }));
      server.on('secureConnection', (socket: Socket) => note(socket, { handshake: undefined }));
    }
    if (isHttp(server)) {
      server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => note(socket, { socket }));
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
    const spared = [...this.#clients].flatMap((client) => (isBusyOrNew(client) && client.socket) || []);
    sparing(spared, () => {
      for (const server of this.#servers) server.closeIdleConnections();
    });
  }

  /**
   * Hangs up on clients that have asked nothing or half a question, as browsers and health checks do: nothing is said,
   * half a header, half a TLS handshake, or, as at the call before, no stream of an HTTP/2 session is open.
   */
  closeUnasked(): void {
    const before = this.#without;
    this.#without = new Set();
    for (const client of this.#clients) {
      if (hasNoStream(client)) {
        this.#without.add(client);
        if (before.has(client)) client.socket?.destroy();
      } else if (hasNotAsked(client)) this.hangUp(client);
    }
  }

  /** Has isSilent() know of the connections of a server that is not HTTP, too. */
  watchPlain(server: Server): void {
    if (this.#watchedPlain.has(server)) return;
    this.#watchedPlain.add(server);
    const event = 'setSecureContext' in server ? 'secureConnection' : 'connection';
    server.on(event, (socket: Socket) => note(socket, { plain: socket }));
  }

  /**
   * Whether a client has not said a word that the app could answer: nothing at all, half a first header, half a TLS
   * handshake, or a session of HTTP/2 without a stream. One that was sent something, as by servers that speak first,
   * is not silent.
   */
  isSilent(client: ClientHandle): boolean {
    const { handshake, socket, plain, http2, hasAsked } = client;
    if (handshake !== undefined) return true;
    if (plain !== undefined) return plain.bytesRead === 0 && plain.bytesWritten === 0;
    if (http2 !== undefined) return hasAsked !== true;
    return socket !== undefined && !('response' in client) && !isUpgraded(socket);
  }

  hangUp({ handshake, socket, plain }: ClientHandle): void {
    (handshake ?? socket ?? plain)?.destroy();
  }

  /** Ends what does not end by itself: WebSockets, tunnels and event streams. What was ended a call before is closed. */
  endStreams(): void {
    for (const client of this.#clients) this.#streams.end(client);
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
    const streams = new Map<ServerHttp2Stream, boolean>();
    const client = handleOf(session.socket as Socket);
    if (client) client.http2 = streams;
    // The app may still ask itself while it answers its last clients.
    const mayStay = client?.isOwn === true;
    if (!mayStay) this.#sessions.add(session);
    session.on('stream', (opened, headers) => {
      const stream = opened as ServerHttp2Stream;
      this.onRequest();
      if (client) client.hasAsked = true;
      streams.set(stream, headers[':method'] === 'CONNECT');
      stream.once('close', () => streams.delete(stream));
    });
    session.once('close', () => this.#sessions.delete(session));
    if (this.#ending && !mayStay) session.close();
  }
}

/** Whether a server speaks HTTP, of either version. */
export function isHttp(server: Server): boolean {
  return isHttp1(server) || 'updateSettings' in server;
}

export function isHttp1(server: Server): server is HttpServer {
  return 'closeIdleConnections' in server;
}

/** Node's idea of an idle connection has changed: it may be one whose answer is not sent yet, or that has just come. */
function isBusyOrNew(client: ClientHandle): boolean {
  const { response } = client;
  return response === undefined ? !('response' in client) : response.writableEnded && !isSent(response);
}

function hasNotAsked({ handshake, socket, response, http2 }: ClientHandle): boolean {
  if (handshake !== undefined) return true;
  return http2 === undefined && socket !== undefined && response === undefined && !isUpgraded(socket);
}

/** Whether an HTTP/2 client has no stream; what streams have written may be on its way still. */
function hasNoStream({ http2, writeQueueSize }: ClientHandle): boolean {
  return http2?.size === 0 && writeQueueSize === 0;
}

/** What watch() has noted of each connection to an HTTP server without TLS. */
export function noteSocket(socket: Socket): void {
  note(socket, { socket });
}

function note(socket: Socket, what: Pick<ClientHandle, 'handshake' | 'socket' | 'plain'>): void {
  const handle = handleOf(socket);
  if (handle) Object.assign(handle, what);
}

/** The one that was accepted, under TLS too. */
function handleOf(socket: Socket): ClientHandle | undefined {
  return connectionHandleOf(socket) as ClientHandle | undefined;
}

function isSent({ writableFinished, destroyed }: ServerResponse): boolean {
  return writableFinished || destroyed;
}
