import { lookup } from 'node:dns/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { getsockname, type Listener, listen } from '../posix/index.js';
import type { Snapshot } from '../scoreboard/index.js';
import { renderJson } from './json.js';
import { StatusListener } from './listener.js';
import { contentSecurityPolicy, renderHtml } from './page/html.js';
import { CONTENT_TYPE, renderPrometheus } from './prometheus.js';
import { collect, processesOf, type Status } from './status.js';
import { UsageCache } from './usage-cache.js';

export interface StatusServerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** How the server goes now; it may throw while there is nothing to tell. */
  readonly snapshot: () => Snapshot;
  /** Takes a line for the log when connections cannot be accepted for now. */
  readonly warn?: (message: string) => void;
}

export interface StatusServer {
  readonly port: number;
  /** Ends all its connections at once. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Route = () => Answer | Promise<Answer>;

const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};
/** Milliseconds for a request to arrive; nobody may keep the monitor busy by slowness. */
const PATIENCE = 5000;
const CONNECTIONS = 64;

/** The status as this process sees it, and as another one is told. */
export class StatusSource {
  readonly #usages = new UsageCache();

  constructor(readonly snapshot: () => Snapshot) {}

  /** @throws while there is nothing to tell */
  async status(): Promise<Status> {
    const taken = this.snapshot();
    // A process a turn: the monitor has more urgent things to do.
    for (const pid of processesOf(taken)) if (this.#usages.update(pid)) await turn();
    return collect(taken, (pid) => this.#usages.get(pid));
  }
}

/** Where a status server that is no monitor has what it serves. */
export interface StatusFeed {
  /** A listening socket. */
  readonly listenerFd: number;
  /** The name by which this machine may ask. */
  readonly host: string;
  readonly status: () => Promise<Status>;
  /** Resolves when the monitor runs. */
  readonly alive: () => Promise<void>;
  readonly warn: (message: string) => void;
}

/** Serves the status over HTTP: a page, JSON, metrics, and the answers that load balancers ask for. */
export async function serveStatus({ host, port, snapshot, warn }: StatusServerOptions): Promise<StatusServer> {
  const { address } = await lookup(host);
  const source = new StatusSource(snapshot);
  const routes = routesOf({ status: () => source.status(), ready: snapshot, alive: async () => {} });
  return serve({ socket: listen({ host: address, port }), host, routes, warn });
}

/** The same with a listening socket that is open, of what another process tells. */
export async function serveStatusFrom({ listenerFd, host, status, alive, warn }: StatusFeed): Promise<StatusServer> {
  const socket = { fd: listenerFd, address: getsockname(listenerFd) };
  return serve({ socket, host, routes: routesOf({ status, ready: status, alive }), warn });
}

interface Serving {
  readonly socket: Listener;
  readonly host: string;
  readonly routes: ReadonlyMap<string, Route>;
  readonly warn: ((message: string) => void) | undefined;
}

function serve({ socket: listening, host, routes, warn }: Serving): StatusServer {
  const { address, port } = listening.address as AddressInfo;
  const names = isLoopback(address) ? [host] : undefined;
  const timeouts = { headersTimeout: PATIENCE, requestTimeout: PATIENCE, connectionsCheckingInterval: PATIENCE };
  const server = createServer(timeouts, (request, response) => {
    if (listener.isShort) response.shouldKeepAlive = false;
    const { socket } = request;
    listener.answers(socket, true);
    response.once('close', () => listener.answers(socket, false));
    answer(request, names, routes).then(
      (found) => send(request, response, found),
      () => response.destroy(),
    );
  });
  server.timeout = 2 * PATIENCE; // Also for a client that does not read its answer.
  const listener = new StatusListener({
    listener: listening,
    connections: CONNECTIONS,
    onConnection: (socket) => server.emit('connection', socket),
    warn: warn ?? (() => {}),
  });
  server.emit('listening'); // Which has it look after its timeouts.
  return {
    port,
    close: async () => {
      listener.close();
      server.close();
    },
  };
}

interface Known {
  readonly status: () => Promise<Status>;
  readonly ready: () => Readiness | Promise<Readiness>;
  readonly alive: () => Promise<void>;
}

function routesOf({ status, ready, alive }: Known): ReadonlyMap<string, Route> {
  // Made now, from prefork's own files: they may have been removed when somebody asks for the page.
  const headers = { 'Content-Security-Policy': contentSecurityPolicy() };
  return new Map<string, Route>([
    ['/', async () => ({ status: 200, type: 'text/html', body: renderHtml(await status()), headers })],
    ['/status.json', async () => ({ status: 200, type: 'application/json', body: renderJson(await status()) })],
    ['/metrics', async () => ({ status: 200, type: CONTENT_TYPE, body: renderPrometheus(await status()) })],
    ['/healthz', async () => alive().then(() => ({ status: 200, body: 'ok\n' }))],
    ['/readyz', async () => readiness(await ready())],
  ]);
}

type Readiness = Pick<Status, 'description'> & {
  readonly workers: readonly Pick<Status['workers'][number], 'state'>[];
};

function readiness({ description, workers }: Readiness): Answer {
  if (description.stopping) return { status: 503, body: 'the service is stopping\n' };
  if (workers.some(({ state }) => state === 'ready')) return { status: 200, body: 'ready\n' };
  return { status: 503, body: 'no worker is ready\n' };
}

/** @param names where only this machine may ask: the host names by which it may, beside numbers and localhost */
async function answer(
  { method, url, headers }: IncomingMessage,
  names: readonly string[] | undefined,
  routes: ReadonlyMap<string, Route>,
): Promise<Answer> {
  // A page elsewhere may have its own name resolve to this machine; the browser then sends that name.
  if (names !== undefined && !isLocalName(headers.host, names)) {
    return { status: 421, body: 'this host name is not served here\n' };
  }
  const route = routes.get(url?.replace(/\?.*/s, '') ?? '');
  if (route === undefined) return { status: 404, body: 'not found\n' };
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, body: 'only GET and HEAD\n', headers: { Allow: 'GET, HEAD' } };
  }
  try {
    return await route();
  } catch (error) {
    return { status: 503, body: `${(error as Error).message}\n` };
  }
}

function send({ method }: IncomingMessage, response: ServerResponse, found: Answer): void {
  const { status, type = 'text/plain', body, headers } = found;
  response.writeHead(status, {
    ...HEADERS,
    ...headers,
    'Content-Type': type.includes('charset') ? type : `${type}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(method === 'HEAD' ? undefined : body);
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

/** Without a header it is no browser. */
function isLocalName(header: string | undefined, names: readonly string[]): boolean {
  if (header === undefined) return true;
  const name = header.replace(/:\d*$/, '').toLowerCase();
  return isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0 || ['localhost', ...names].includes(name);
}
