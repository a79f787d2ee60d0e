import { Server as HttpServer, type ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { closeServerHandle } from '../node/listening.js';
import { overrideListen } from '../node/methods.js';
import { listenArguments } from './listen-arguments.js';
import type { Task } from './task.js';

export interface ServersOptions extends Pick<Task, 'listen' | 'backlog' | 'maxRequests'> {
  /** Called when a server is to listen for the first time. */
  readonly onFirst: () => void;
  /** Called once, when as many requests have come as the worker may have. */
  readonly onMaxRequests: () => void;
}

/** The app's servers in a worker: none listens before open(), and all count their clients. */
export class Servers {
  readonly #options: ServersOptions;
  /** Undefined once they may listen. */
  #waiting: (() => void)[] | undefined = [];
  #hasFirst = false;
  #requests = 0;
  readonly #clients = new Set<Socket>();
  readonly #servers = new Set<Server>();
  #isLeaving = false;
  #whenDrained: (() => void) | undefined;
  /** Keeps the event loop alive for those that wait, as servers that listen do. */
  readonly #awake = setInterval(() => {}, 2 ** 31 - 1).unref();

  constructor(options: ServersOptions) {
    this.#options = options;
  }

  install(): void {
    const servers = this;
    overrideListen(
      (original) =>
        function listen(this: Server, ...args: unknown[]) {
          const given = servers.#argumentsFor(args);
          servers.#watch(this);
          const listen = () => original.apply(this, [...given]);
          if (servers.#waiting === undefined) return listen();
          servers.#waiting.push(listen);
          servers.#awake.ref();
          return this;
        },
    );
  }

  /** Those that wait listen, and those to come at once. */
  open(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    clearInterval(this.#awake);
    for (const listen of waiting) listen();
  }

  /**
   * No new clients; those of HTTP are told with their next answer that the connection ends. The servers stay open for
   * the app: Node's close() would also end idle connections, on which a request may be on its way.
   */
  stopAccepting(): void {
    this.#isLeaving = true;
    // node:cluster's own handles: they may be closed twice.
    for (const server of this.#servers) closeServerHandle(server);
  }

  /** Calls back once no client is left. */
  drain(callback: () => void): void {
    this.#whenDrained = callback;
    if (this.#clients.size === 0) callback();
  }

  closeIdle(): void {
    for (const server of this.#servers) if (isHttp(server)) server.closeIdleConnections();
  }

  #argumentsFor(args: readonly unknown[]): readonly unknown[] {
    const { listen, backlog, onFirst } = this.#options;
    if (this.#hasFirst) return listenArguments(args, { listen: undefined, backlog });
    this.#hasFirst = true;
    onFirst();
    return listenArguments(args, { listen, backlog });
  }

  #watch(server: Server): void {
    if (this.#servers.has(server)) return; // It listens once more.
    this.#servers.add(server);
    server.prependListener('connection', (socket: Socket) => {
      this.#clients.add(socket);
      socket.once('close', () => {
        this.#clients.delete(socket);
        if (this.#clients.size === 0) this.#whenDrained?.();
      });
    });
    if (!isHttp(server)) return;
    server.prependListener('request', (_, response: ServerResponse) => {
      if (this.#isLeaving) response.setHeader('Connection', 'close');
      if (++this.#requests === this.#options.maxRequests) this.#options.onMaxRequests();
    });
  }
}

function isHttp(server: Server): server is HttpServer | HttpsServer {
  return server instanceof HttpServer || server instanceof HttpsServer;
}
