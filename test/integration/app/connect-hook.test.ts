// Connects that are held: the socket is as one that is connecting, and goes on at release().
import { AsyncLocalStorage } from 'node:async_hooks';
import dns from 'node:dns';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import net, { type AddressInfo, type Socket } from 'node:net';
import { join, relative } from 'node:path';
import tls from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { ConnectHook } from '../../../src/app/connecting/connect-hook.js';
import { destinationOf, parseDestination } from '../../../src/net/destination.js';
import { temporaryFolder } from '../../helpers/folder.js';

const TLS = join(import.meta.dirname, '../../fixtures/apps/tls');
const credentials = { key: readFileSync(join(TLS, 'key.pem')), cert: readFileSync(join(TLS, 'cert.pem')) };

/** A server that says hello and sends back what it gets. */
async function serve(server: net.Server = net.createServer(), where: object = { port: 0, host: '127.0.0.1' }) {
  let count = 0;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    count++;
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.listen(where);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = (server.address() as AddressInfo) ?? {};
  return { port, server, connections: () => count };
}

function echo(): net.Server {
  return net.createServer((socket) => socket.pipe(socket));
}

function hold(...destinations: string[]): ConnectHook {
  const hook = new ConnectHook({ hold: destinations });
  hook.install();
  onTestFinished(() => hook.release());
  return hook;
}

function ending<T extends net.Socket>(socket: T): T {
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}

/** All that a socket shows of its state. */
function state(socket: Socket) {
  const { connecting, pending, readyState, destroyed, remoteAddress, writable, readable, bytesWritten } = socket;
  return { connecting, pending, readyState, destroyed, remoteAddress, writable, readable, bytesWritten };
}

const turns = (milliseconds = 20) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('a held socket looks like one whose address is being looked up, and connects at release', async () => {
  const { port, connections } = await serve(echo());
  const hook = hold(`127.0.0.1:${port}`);
  const heard: string[] = [];
  const socket = ending(net.connect(port, '127.0.0.1', () => heard.push('the callback')));
  const other = ending(net.connect({ port, host: 'nobody', lookup: () => {} }));
  socket.on('connect', () => heard.push('connect'));
  socket.on('connectionAttempt', () => heard.push('attempt'));
  socket.write('written ');
  socket.write('before');
  other.write('written before');
  await turns();
  expect(state(socket)).toEqual(state(other));
  expect(socket.connecting).toBe(true);
  expect({ count: connections(), heard }).toEqual({ count: 0, heard: [] });
  expect(hook.held.map(({ destination }) => destination)).toEqual([`127.0.0.1:${port}`]);
  hook.release();
  const [data] = await once(socket, 'data');
  expect(`${data}`).toBe('written before');
  expect(heard).toEqual(['attempt', 'the callback', 'connect']);
  expect(hook.held).toEqual([]);
});

test('only the destinations that were named are held, and none after release', async () => {
  const held = await serve();
  const passing = await serve();
  const hook = hold(`127.0.0.1:${held.port}`);
  await once(ending(net.connect(passing.port, '127.0.0.1')), 'connect');
  hook.release();
  await once(ending(net.connect(held.port, '127.0.0.1')), 'connect');
  expect([held.connections(), passing.connections()]).toEqual([1, 1]);
});

test('a name is not looked up before release', async () => {
  const { port } = await serve();
  const hook = hold(`localhost:${port}`);
  const asked: string[] = [];
  const lookup: net.LookupFunction = (host, options, callback) => {
    asked.push(host);
    dns.lookup(host, options as dns.LookupAllOptions, callback as never);
  };
  const socket = ending(net.connect({ port, host: 'LocalHost', lookup, family: 4 }));
  await turns();
  expect(asked).toEqual([]);
  hook.release();
  await once(socket, 'connect');
  expect(asked).toEqual(['LocalHost']);
});

test('with both families, each is tried after release: the timer that chooses does not run before', async () => {
  const { port } = await serve();
  const hook = hold(`localhost:${port}`);
  const socket = ending(net.connect({ port, host: 'localhost', autoSelectFamily: true }));
  await turns(400); // Longer than autoSelectFamilyAttemptTimeout.
  hook.release();
  await once(socket, 'connect');
  expect(socket.remotePort).toBe(port);
});

test('an unknown name, a refused connect: the error that Node gives', async () => {
  const { port, server } = await serve();
  server.close();
  await once(server, 'close');
  const hook = hold('nowhere.invalid:80', `127.0.0.1:${port}`, `[::1]:${port}`);
  const sockets = [
    ending(net.connect(80, 'nowhere.invalid')),
    ending(net.connect(port, '127.0.0.1')),
    ending(net.connect(port, '::1')),
  ];
  expect(hook.held).toHaveLength(3);
  const errors = sockets.map((socket) => once(socket, 'error').then(([error]) => (error as Error).message));
  hook.release();
  expect(await Promise.all(errors)).toEqual([
    expect.stringMatching(/^getaddrinfo (ENOTFOUND|EAI_AGAIN) nowhere\.invalid$/),
    `connect ECONNREFUSED 127.0.0.1:${port}`,
    expect.stringMatching(/^connect (ECONNREFUSED|EADDRNOTAVAIL) ::1:/),
  ]);
});

test('what Node refuses at once, it refuses at once', () => {
  const hook = hold('127.0.0.1:80', 'localhost:80');
  const socket = () => ending(new net.Socket());
  expect(() => socket().connect({} as never)).toThrow(expect.objectContaining({ code: 'ERR_MISSING_ARGS' }));
  expect(() => socket().connect(65536)).toThrow(expect.objectContaining({ code: 'ERR_SOCKET_BAD_PORT' }));
  expect(() => socket().connect({ port: 80, localAddress: 'x' })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_IP_ADDRESS' }),
  );
  expect(() => socket().connect({ port: 80, lookup: 1 as never })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
  );
  expect(hook.held).toEqual([]);
});

test('destroy() and an abort before release: it never connects, and is closed', async () => {
  const { port, connections } = await serve();
  const hook = hold(`127.0.0.1:${port}`);
  const destroyed = net.connect(port, '127.0.0.1');
  const controller = new AbortController();
  const aborted = net.connect({ port, host: '127.0.0.1', signal: controller.signal });
  const reason = once(aborted, 'error');
  destroyed.destroy();
  await once(destroyed, 'close');
  controller.abort();
  expect((await reason)[0]).toMatchObject({ name: 'AbortError' });
  expect(hook.held).toEqual([]);
  hook.release();
  await turns();
  expect(connections()).toBe(0);
});

test('a socket that is destroyed and connects again is held once more, in its new place', async () => {
  const { port, connections } = await serve(echo());
  const hook = hold(`127.0.0.1:${port}`);
  const first = ending(net.connect(port, '127.0.0.1'));
  const second = ending(net.connect(port, '127.0.0.1'));
  first.destroy();
  await once(first, 'close');
  first.connect(port, '127.0.0.1');
  expect(hook.held.map(({ socket }) => socket)).toEqual([second, first]);
  hook.release();
  const answers = [first, second].map((socket) => once(socket, 'data'));
  for (const socket of [first, second]) socket.write('x');
  await Promise.all(answers);
  expect(connections()).toBe(2);
});

test('end() before release: what was written arrives, then the end', async () => {
  const { port } = await serve(echo());
  const hook = hold(`127.0.0.1:${port}`);
  const socket = ending(net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
  socket.end('all');
  await turns();
  hook.release();
  const [data] = await once(socket, 'data');
  expect(`${data}`).toBe('all');
  await once(socket, 'end');
});

test('setTimeout() goes off, by the option and by the call; setNoDelay() and setKeepAlive() are kept', async () => {
  const { port } = await serve();
  const hook = hold(`127.0.0.1:${port}`);
  const socket = ending(net.connect({ port, host: '127.0.0.1', timeout: 20 }));
  await once(socket, 'timeout');
  const other = ending(net.connect(port, '127.0.0.1'));
  other.setTimeout(20).setNoDelay(true).setKeepAlive(true, 1000);
  await once(other, 'timeout');
  expect(other.connecting).toBe(true);
  hook.release();
  await once(other, 'connect');
});

test('ref() and unref() decide whether it keeps the event loop alive, under TLS too', async () => {
  const { port } = await serve();
  const hook = hold(`127.0.0.1:${port}`);
  expect(hook.keepsAlive).toBe(false);
  const socket = ending(net.connect(port, '127.0.0.1'));
  expect(hook.keepsAlive).toBe(true);
  socket.unref();
  expect(hook.keepsAlive).toBe(false);
  socket.ref();
  expect(hook.keepsAlive).toBe(true);
  socket.unref();
  const secure = ending(tls.connect({ port, host: '127.0.0.1' }));
  expect(hook.keepsAlive).toBe(true);
  secure.unref();
  expect(hook.keepsAlive).toBe(false);
});

test('the asynchronous context is that of the call', async () => {
  const { port } = await serve();
  const hook = hold(`127.0.0.1:${port}`);
  const storage = new AsyncLocalStorage<string>();
  const connected = storage.run('the app', () => {
    const socket = ending(net.connect(port, '127.0.0.1'));
    return new Promise((resolve) => socket.once('connect', () => resolve(storage.getStore())));
  });
  storage.run('elsewhere', () => hook.release());
  expect(await connected).toBe('the app');
});

test('a path, absolute and relative, and one where nobody listens', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'socket');
  const { connections } = await serve(echo(), { path });
  const hook = hold(path, join(folder, 'none'));
  const sockets = [net.connect(path), net.connect(relative('.', path)), net.connect(join(folder, 'none'))];
  const [one, other, none] = sockets.map(ending) as [Socket, Socket, Socket];
  one.write('by path');
  other.unref();
  const error = once(none, 'error');
  await turns();
  expect(state(one)).toMatchObject({ connecting: true, pending: true, readyState: 'opening' });
  expect({ held: hook.held.length, connections: connections() }).toEqual({ held: 3, connections: 0 });
  hook.release();
  expect(`${(await once(one, 'data'))[0]}`).toBe('by path');
  expect((await error)[0]).toMatchObject({ code: 'ENOENT', syscall: 'connect', address: join(folder, 'none') });
});

test('TLS, also over a socket that is held, and HTTP/2 over both', async () => {
  const { port } = await serve(tls.createServer(credentials, (socket) => socket.pipe(socket)));
  const secure = http2.createSecureServer(credentials, (_request, response) => response.end('h2'));
  const { port: port2 } = await serve(secure);
  const hook = hold(`127.0.0.1:${port}`, `localhost:${port2}`);
  const options = { rejectUnauthorized: false, servername: 'localhost' };
  const direct = ending(tls.connect({ port, host: '127.0.0.1', ...options }));
  const above = ending(tls.connect({ socket: ending(net.connect(port, '127.0.0.1')), ...options }));
  const session = http2.connect(`https://localhost:${port2}`, options);
  onTestFinished(() => session.destroy());
  const answer = session.request({ ':path': '/' });
  direct.write('direct');
  above.write('above');
  await turns();
  hook.release();
  expect(`${(await once(direct, 'data'))[0]}`).toBe('direct');
  expect(`${(await once(above, 'data'))[0]}`).toBe('above');
  expect(`${(await once(answer, 'data'))[0]}`).toBe('h2');
});

test('http agents and fetch', async () => {
  const { port } = await serve(http.createServer((_request, response) => response.end('served')));
  const hook = hold(`127.0.0.1:${port}`);
  const agent = new http.Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const response = once(http.get({ port, host: '127.0.0.1', agent }), 'response');
  const fetched = fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
  await turns();
  expect(hook.held).toHaveLength(2);
  hook.release();
  expect((await response)[0].statusCode).toBe(200);
  expect(await (await fetched).text()).toBe('served');
});

test('a look-up that throws at release fails its own socket, and the next one connects', async () => {
  const { port } = await serve();
  const hook = hold('db:1', `127.0.0.1:${port}`);
  const lookup = () => {
    throw new Error('no look-ups');
  };
  const error = once(ending(net.connect({ port: 1, host: 'db', lookup })), 'error');
  const other = ending(net.connect(port, '127.0.0.1'));
  hook.release();
  expect((await error)[0]).toMatchObject({ message: 'no look-ups' });
  await once(other, 'connect');
});

test.each([
  [{ port: 5432 }, 'localhost:5432'],
  [{ host: 'DB.Example', port: '5432' }, 'db.example:5432'],
  [{ host: '::1', port: 1 }, '[::1]:1'],
  [{ host: 'db', port: 1, path: '/run/db' }, '/run/db'],
  [{ host: 'db' }, undefined],
  [{ host: 'db', port: 65536 }, undefined],
  [{ host: 1 as never, port: 1 }, undefined],
])('%j leads to %s', (target, destination) => {
  expect(destinationOf(target)).toBe(destination);
});

test.each([
  ['DB:5432', 'db:5432'],
  ['127.0.0.1:1', '127.0.0.1:1'],
  ['[::1]:1', '[::1]:1'],
  ['/run/a:1', '/run/a:1'],
  ['./socket', './socket'],
  ['unix:socket', 'socket'],
  ['5432', undefined],
  ['db', undefined],
  ['db:x', undefined],
  ['::1:80', undefined],
  ['[db]:80', undefined],
  ['db:65536', undefined],
  ['unix:', undefined],
])('%s names the destination %s', (text, destination) => {
  expect(parseDestination(text)).toBe(destination);
});
