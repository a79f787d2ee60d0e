import { lookup } from 'node:dns/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
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

/** Serves the status over HTTP: a page, JSON, metrics, and the answers that load balancers ask for. */
export async function serveStatus({ host, port, snapshot, warn }: StatusServerOptions): Promise<StatusServer> {
  const routes = routesOf(snapshot);
  const { address } = await lookup(host);
  const names = isLoopback(address) ? [host] : undefined;
  const timeouts = { headersTimeout: PATIENCE, requestTimeout: PATIENCE, connectionsCheckingInterval: PATIENCE };
  const server = createServer(timeouts, (request, response) => {
    if (listener.isShort) response.shouldKeepAlive = false;
    answer(request, names, routes).then(
      (found) => send(request, response, found),
      () => response.destroy(),
    );
  });
  const listener = new StatusListener({
    host: address,
    port,
    connections: CONNECTIONS,
    onConnection: (socket) => server.emit('connection', socket),
    warn: warn ?? (() => {}),
  });
  server.emit('listening'); // Which has it look after its timeouts.
  return {
    port: (listener.address as AddressInfo).port,
    close: async () => {
      listener.close();
      server.close();
    },
  };
}

function routesOf(snapshot: () => Snapshot): ReadonlyMap<string, Route> {
  const usages = new UsageCache();
  const status = async (): Promise<Status> => {
    const taken = snapshot();
    // A process a turn: the monitor has more urgent things to do.
    for (const pid of processesOf(taken)) if (usages.update(pid)) await turn();
    return collect(taken, (pid) => usages.get(pid));
  };
  // Made now, from prefork's own files: they may have been removed when somebody asks for the page.
  const headers = { 'Content-Security-Policy': contentSecurityPolicy() };
  return new Map<string, Route>([
    ['/', async () => ({ status: 200, type: 'text/html', body: renderHtml(await status()), headers })],
    ['/status.json', async () => ({ status: 200, type: 'application/json', body: renderJson(await status()) })],
    ['/metrics', async () => ({ status: 200, type: CONTENT_TYPE, body: renderPrometheus(await status()) })],
    ['/healthz', () => ({ status: 200, body: 'ok\n' })],
    ['/readyz', () => readiness(snapshot())],
  ]);
}

function readiness({ description, workers }: Snapshot): Answer {
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
