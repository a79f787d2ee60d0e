import type { Server as HttpServer } from 'node:http';
import type { Server } from 'node:net';
import { checkConnectionsEvery } from '../../node/http-connections.js';
import { Overdue } from '../policy/overdue.js';
import type { ClientHandle, Clients } from './clients.js';
import { type HttpTraffic, isHttp } from './http.js';

/** How often connections are looked at within the time that they have. */
const LOOKS = 4;

/**
 * Frees a worker of connections that say nothing: with a limit of connections they would keep others out. A client has
 * so long for its first byte, its TLS handshake and its first request's header; later headers of HTTP/1 are Node's to
 * watch, as often.
 */
export class ClientTimeout {
  readonly #limitMs: number;

  /** @param limitMs milliseconds; 0 for no limit */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** To be told of each server that is about to listen: Node takes these properties when it does. */
  watch(server: Server | HttpServer, traffic: HttpTraffic): void {
    if (this.#limitMs === 0) return;
    if (!isHttp(server)) traffic.watchPlain(server);
    if (!('headersTimeout' in server)) return;
    const { headersTimeout } = server;
    server.headersTimeout = Math.min(headersTimeout || Number.POSITIVE_INFINITY, this.#limitMs);
    checkConnectionsEvery(server, Math.max(1, Math.ceil(this.#limitMs / LOOKS)));
  }

  /** To be called in a worker: begins to look for silent clients. */
  start(clients: Clients, traffic: HttpTraffic): void {
    if (this.#limitMs === 0) return;
    const overdue = new Overdue<ClientHandle>(this.#limitMs);
    const look = () => {
      for (const client of overdue.look(clients, (each) => traffic.isSilent(each), performance.now())) {
        traffic.hangUp(client);
      }
    };
    setInterval(look, Math.ceil(this.#limitMs / LOOKS)).unref();
  }
}
