import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type Server, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { acceptedSocket } from '../../node/connections.js';
import { socketpair } from '../../posix/index.js';
import type { WarmUpAsk, WarmUpRequest, WarmUpResponse } from '../api/registry.js';
import { clientHandleClass } from '../listening/listener-handle.js';
import type { Clients } from '../serving/clients.js';
import { noteSocket } from '../serving/http.js';
import { readAnswer } from './http-answer.js';
import { RawConnection } from './raw-connection.js';

/** How long an answer may take, and the connections' end: what waits for a held connect never comes. */
const ANSWER_TIMEOUT_MS = 1000;

/** Node's channel for the requests that a server gets. */
const STARTED = 'http.server.request.start';
/**
 * Connections, requests and responses, for good. The collections before the fork would find none of them; then their
 * hidden classes go, and what was compiled for these is of no use.
 */
const kept: unknown[] = [];
const KEPT = 4;

export interface WarmUpClientOptions {
  readonly server: Server;
  readonly clients: Clients;
  readonly warn: (message: string) => void;
}

/** A client's end: a RawConnection, or one of TLS. */
interface Connection {
  write(data: Buffer): unknown;
  destroy(): unknown;
  on(event: 'data', listener: (data: Buffer) => void): this;
  on(event: 'end' | 'close', listener: () => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
}

/** Asks a server of this process that does not listen yet, over pairs of sockets that no other process has. */
export class WarmUpClient {
  readonly #options: WarmUpClientOptions;
  readonly #open = new Set<Socket>();
  readonly #said = new Set<string>();
  #count = 0;

  constructor(options: WarmUpClientOptions) {
    this.#options = options;
    subscribe(STARTED, this.#keep);
  }

  readonly #keep = (exchange: unknown) => {
    kept[this.#count % KEPT] = exchange;
  };

  /** @returns undefined, once that is said, when there is no answer in time */
  readonly ask: WarmUpAsk = async (path, options = {}) => {
    const { method = options.body === undefined ? 'GET' : 'POST' } = options;
    const name = `${method} ${path}`;
    const [near, far] = socketpair();
    const server = this.#accept(far);
    const client = await this.#connection(near);
    try {
      const answer = await this.#send(client, path, { ...options, method });
      if (answer.status >= 500) this.#say(`${name} was answered with ${answer.status}`);
      return answer;
    } catch (error) {
      this.#say(`${name} ${(error as Error).message}`);
      return undefined;
    } finally {
      client.destroy();
      server.destroy();
    }
  };

  /** Resolves when no connection is left. */
  async close(): Promise<void> {
    const all = [...this.#open].filter(({ closed }) => !closed);
    const timer = new AbortController();
    const late = wait(ANSWER_TIMEOUT_MS, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([Promise.all(all.map((socket) => once(socket, 'close'))), late]);
    timer.abort();
    unsubscribe(STARTED, this.#keep);
    this.#options.clients.accepted = 0;
  }

  get #isSecure(): boolean {
    return 'setSecureContext' in this.#options.server;
  }

  /** The server's end, as net.Server makes it of a connection. */
  #accept(fd: number): Socket {
    const { clients, server } = this.#options;
    // The same class as for connections over TCP: code that has met another one would be slower for good.
    const socket = acceptedSocket(server, clients.adopt(fd, clientHandleClass('tcp')));
    for (const before of this.#open) if (before.closed) this.#open.delete(before);
    this.#open.add(socket);
    server.emit('connection', socket);
    if (!this.#isSecure) noteSocket(socket);
    return socket;
  }

  async #connection(fd: number): Promise<Connection> {
    if (!this.#isSecure) return new RawConnection(fd);
    const { connect } = process.getBuiltinModule('node:tls');
    // The other end is known.
    const options = { servername: 'localhost', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] };
    return connect({ ...options, socket: new Socket({ fd }) });
  }

  #send(client: Connection, path: string, options: WarmUpRequest & { readonly method: string }) {
    const { method } = options;
    return new Promise<WarmUpResponse>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`had no answer within ${ANSWER_TIMEOUT_MS / 1000} s`)),
        ANSWER_TIMEOUT_MS,
      );
      let bytes = Buffer.alloc(0);
      const look = (ended: boolean) => {
        try {
          const answer = readAnswer(bytes, { method, ended });
          if (answer !== undefined) resolve(answer);
          else if (ended) reject(new Error('had half an answer, or none'));
        } catch (error) {
          reject(error as Error);
        }
      };
      client.on('data', (data) => {
        bytes = Buffer.concat([bytes, data]);
        look(false);
      });
      client.on('end', () => look(true));
      client.on('error', ({ message }) => reject(new Error(`failed: ${message}`)));
      client.on('close', () => clearTimeout(timer));
      client.write(this.#message(path, options));
    });
  }

  #message(path: string, { method, headers = {}, body = '' }: WarmUpRequest): Buffer {
    // Both kinds of connections are met.
    const connection = this.#count++ % 2 === 0 ? 'close' : 'keep-alive';
    const all = { host: 'localhost', connection, ...(body.length > 0 && { 'content-length': `${byteLength(body)}` }) };
    const lines = Object.entries({ ...all, ...headers }).flatMap(([name, value]) =>
      [value].flat().map((each) => `${name}: ${each}`),
    );
    return Buffer.concat([
      Buffer.from(`${[`${method} ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`),
      bytesOf(body),
    ]);
  }

  /** Warns of something, once. */
  #say(what: string): void {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    this.#options.warn(`warm-up: ${what}`);
  }
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body;
}

function byteLength(body: string | Uint8Array): number {
  return bytesOf(body).byteLength;
}
