import { lookup } from 'node:dns/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { getsockname, type Listener, listen } from '../posix/index.js';
import { FigureSource } from './figure-source.js';
import type { History, Mark } from './history.js';
import { contentSecurityPolicy, renderHtml } from './html.js';
import { renderJson } from './json.js';
import { StatusListener } from './listener.js';
import { CONTENT_TYPE, renderPrometheus } from './prometheus.js';
import { Recorder } from './recorder.js';
import { type Seen, StatusSource } from './source.js';
import type { Status } from './status.js';

export interface StatusServerOptions extends Seen {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Takes a line for the log when connections cannot be accepted for now. */
  readonly warn?: (message: string) => void;
  /** Milliseconds between the points of the history, where not the usual ones. */
  readonly interval?: number;
}

/** Something that happened now, for the history. */
export type NewMark = Pick<Mark, 'type' | 'text'>;

export interface StatusServer {
  readonly port: number;
  mark(mark: NewMark): void;
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
/** The figure names clients and descriptors: more than others need to know. */
const ELSEWHERE: Answer = { status: 403, body: 'The figure is shown on loopback only.\n' };
/** Milliseconds for a request to arrive; a slow client must not keep the monitor busy. */
const REQUEST_TIMEOUT_MS = 5000;
const CONNECTIONS = 64;

/** Where a status server that is no monitor has what it serves. */
export interface StatusFeed {
  /** A listening socket. */
  readonly listenerFd: number;
  /** The name by which this machine may ask. */
  readonly host: string;
  readonly status: () => Promise<Status>;
  readonly history: () => Promise<History>;
  /** The monitor's process id. */
  readonly pid: number;
  /** Resolves when the monitor runs. */
  readonly alive: () => Promise<void>;
  readonly warn: (message: string) => void;
}

/** Serves the status over HTTP: a page, JSON, metrics, and the answers that load balancers ask for. */
export async function serveStatus(options: StatusServerOptions): Promise<StatusServer> {
  const { host, port, snapshot, warn, interval } = options;
  const { address } = await lookup(host);
  const socket = listen({ host: address, port });
  const source = new StatusSource(options);
  const recorder = new Recorder(source, interval);
  const history = async () => recorder.history.since();
  const figures = new FigureSource(() => snapshot().description.pid);
  const status = () => source.status();
  const server = serve({ socket, host, warn, status, history, figures, ready: snapshot, alive: async () => {} });
  return {
    port: server.port,
    mark: (mark) => recorder.mark({ ...mark, time: Date.now() }),
    close: () => {
      recorder.close();
      return server.close();
    },
  };
}

/** The same with a listening socket that is open, of what another process tells. */
export async function serveStatusFrom(feed: StatusFeed): Promise<void> {
  const { listenerFd, pid, ...rest } = feed;
  const socket = { fd: listenerFd, address: getsockname(listenerFd) };
  serve({ socket, figures: new FigureSource(() => pid), ready: rest.status, ...rest });
}

interface Serving extends Known {
  readonly socket: Listener;
  readonly host: string;
  readonly warn: ((message: string) => void) | undefined;
}

function serve({ socket: listening, host, warn, ...known }: Serving): Omit<StatusServer, 'mark'> {
  const { address, port } = listening.address as AddressInfo;
  const names = isLoopback(address) ? [host] : undefined;
  const routes = routesOf(known, names !== undefined);
  const timeouts = {
    headersTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: REQUEST_TIMEOUT_MS,
  };
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
  server.timeout = 2 * REQUEST_TIMEOUT_MS; // Also for a client that does not read its answer.
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
  readonly history: () => Promise<History>;
  readonly figures: FigureSource;
  readonly ready: () => Readiness | Promise<Readiness>;
  readonly alive: () => Promise<void>;
}

/** @param local only this machine may ask */
function routesOf({ status, history, figures, ready, alive }: Known, local: boolean): ReadonlyMap<string, Route> {
  // Made now, from prefork's own files: they may have been removed when somebody asks for the page.
  const headers = { 'Content-Security-Policy': contentSecurityPolicy() };
  return new Map<string, Route>([
    [
      '/',
      async () => {
        const body = renderHtml(...(await Promise.all([status(), history()])));
        return { status: 200, type: 'text/html', body, headers };
      },
    ],
    ['/status.json', async () => ({ status: 200, type: 'application/json', body: renderJson(await status()) })],
    ['/history.json', async () => ({ status: 200, type: 'application/json', body: renderJson(await history()) })],
    [
      '/figure.json',
      () => (local ? { status: 200, type: 'application/json', body: renderJson(figures.figure()) } : ELSEWHERE),
    ],
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
