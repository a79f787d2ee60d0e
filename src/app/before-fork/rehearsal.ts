import { createServer, Server as HttpServer, type ServerResponse } from 'node:http';
import type { Server } from 'node:net';
import { BroadcastChannel } from 'node:worker_threads';
import { BlockingChannel } from '../../channel/blocking.js';
import { listenBy, type ServerHandle } from '../../node/listening.js';
import { close, socketpair } from '../../posix/index.js';
import { attachReport, createReport } from '../../scoreboard/index.js';
import type { AppProcess } from '../app-process.js';
import { clientHandleClass, ListenerHandle } from '../listening/listener-handle.js';
import { Clients } from '../serving/clients.js';
import { HttpTraffic } from '../serving/http.js';
import { keepRecord } from '../worker/heartbeat.js';

/** What the server is told that it listens on; nobody connects. */
const ADDRESS = { family: 'IPv4', address: '127.0.0.1', port: 0 } as const;
const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
/** The turns of process.nextTick() after which a response has nothing left to do. */
const TICKS = 4;

type Rehearsing = Pick<AppProcess, 'clients' | 'traffic' | 'options'>;

/**
 * Does once in the zygote what each worker does at its start, and for its first client, with a server of its own that
 * nobody can reach: V8 compiles a function when it is first called, and each worker would compile it for itself.
 *
 * To be called before the app is loaded, whose code is not to see this. The event loop does not turn before all is closed.
 */
export async function rehearseBirth({ clients, traffic, options }: Rehearsing): Promise<void> {
  const [near, far] = socketpair();
  rehearseReport(new BlockingChannel(far, () => {}), options);
  rehearseRelease();
  const server = createServer(answer);
  const handle = listen(server, clients, near);
  await ticks();
  // Agents that were required before the app, and follow requests by one of these two, are not to see this one.
  if (!Object.hasOwn(HttpServer.prototype, 'emit') && !traffic.isShared) await rehearseClient(handle, clients);
  server.close();
  await ticks();
  await closed();
}

function rehearseReport(channel: BlockingChannel, options: Rehearsing['options']): void {
  channel.send({ type: 'hello' });
  channel.watch();
  const { fd } = createReport(0);
  const record = attachReport(fd, 0);
  close(fd);
  const clients = new Clients(0);
  const traffic = new HttpTraffic(clients);
  const stop = keepRecord({ clients, traffic, listening: { handles: [] }, options }, record, { look: () => {} });
  stop();
  record.state = 'ready';
  channel.close();
}

/** As Threads.release() does: Node's functions that close a message port are many, and it calls them at no other time. */
function rehearseRelease(): void {
  const channel = new BroadcastChannel('prefork: rehearsal');
  channel.onmessage = () => {};
  channel.postMessage(null);
  channel.close();
}

/** @param fd of any socket: it is closed before the event loop looks for connections */
function listen(server: Server, clients: Clients, fd: number): ServerHandle {
  const ignore = () => {};
  const handle = new ListenerHandle({ clients, fixedMode: true, warn: ignore, lost: ignore, closed: ignore });
  handle.use([{ id: 1, fd, address: ADDRESS, hold: 'own', given: false }], ADDRESS);
  new HttpTraffic(clients).watch(server);
  handle.context.runInAsyncScope(() => listenBy(server, handle));
  return handle;
}

async function rehearseClient(handle: ServerHandle, clients: Clients): Promise<void> {
  const [near, far] = socketpair();
  handle.onconnection?.(0, clients.adopt(far, clientHandleClass('tcp')) as never);
  for (const { socket } of clients) socket?.emit('data', REQUEST);
  await ticks();
  for (const { socket } of clients) socket?.destroy();
  clients.accepted = 0;
  close(near);
}

function answer(_: unknown, response: ServerResponse): void {
  response.end('x');
}

async function ticks(): Promise<void> {
  for (let i = 0; i < TICKS; i++) await new Promise((resolve) => process.nextTick(resolve));
}

/** libuv forgets closed handles at the end of a turn of the event loop; until then getActiveResourcesInfo() names them. */
async function closed(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}
