import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readUsage } from '../../../src/proc/usage.js';
import type { Snapshot } from '../../../src/scoreboard/index.js';
import { type StatusServer, serveStatus } from '../../../src/status/index.js';
import { sampleSnapshot, sampleWorker } from '../../unit/status/sample.js';

vi.mock('../../../src/proc/usage.js', { spy: true });

const OWN = sampleSnapshot({ pid: process.pid, zygote: null }, [sampleWorker(0, { pid: process.pid })]);

async function serve(snapshot: () => Snapshot = () => OWN, host = '127.0.0.1'): Promise<StatusServer> {
  const server = await serveStatus({ host, port: 0, snapshot });
  onTestFinished(() => server.close());
  return server;
}

async function get({ port }: StatusServer, path: string, options: RequestOptions = {}) {
  const asked = request({ host: '127.0.0.1', port, path, agent: false, ...options }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

test.each([
  ['/', 'text/html; charset=utf-8', /^<!doctype html>/],
  ['/?x=1', 'text/html; charset=utf-8', /^<!doctype html>/],
  ['/status.json', 'application/json; charset=utf-8', /^\{\n {2}"time"/],
  ['/history.json', 'application/json; charset=utf-8', /^\{\n {2}"interval": 5000,\n {2}"points": \[\]/],
  ['/figure.json', 'application/json; charset=utf-8', /^\{\n {2}"time"/],
  ['/metrics', 'text/plain; version=0.0.4; charset=utf-8', /^# HELP/],
  ['/healthz', 'text/plain; charset=utf-8', /^ok$/m],
  ['/readyz', 'text/plain; charset=utf-8', /^ready$/m],
])('GET %s is %s, and HEAD the same without a body', async (path, type, body) => {
  const server = await serve();
  const got = await get(server, path);
  expect(got.status).toBe(200);
  expect(got.headers['content-type']).toBe(type);
  expect(got.headers['cache-control']).toBe('no-store');
  expect(got.body).toMatch(body);
  expect(await get(server, path, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
});

test('the page may load nothing but what it holds and its server', async () => {
  const { headers } = await get(await serve(), '/');
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'; .*script-src 'sha256-[^']+'; connect-src 'self'/,
  );
});

test('other paths are not found, other methods not allowed', async () => {
  const server = await serve();
  for (const path of ['/status', '/metrics/', '//', '/../status.json']) {
    expect((await get(server, path)).status).toBe(404);
  }
  for (const method of ['POST', 'DELETE', 'OPTIONS']) {
    expect(await get(server, '/', { method })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  }
});

test.each([
  ['stopping', sampleSnapshot({ stopping: true }), 'the service is stopping\n'],
  ['without a worker', sampleSnapshot({}, [sampleWorker(0, { state: 'booting' })]), 'no worker is ready\n'],
])('a service %s is alive but not ready', async (_, snapshot, reason) => {
  const server = await serve(() => snapshot);
  expect(await get(server, '/readyz')).toMatchObject({ status: 503, body: reason });
  expect((await get(server, '/healthz')).status).toBe(200);
});

test('while there is nothing to tell, the service is alive but not ready', async () => {
  const server = await serve(() => {
    throw new Error('the server has not started yet');
  });
  for (const path of ['/', '/status.json', '/metrics', '/readyz']) {
    expect(await get(server, path)).toMatchObject({ status: 503, body: 'the server has not started yet\n' });
  }
  expect((await get(server, '/healthz')).status).toBe(200);
});

test.each([
  ['localhost', 200],
  ['LocalHost:80', 200],
  ['127.0.0.1', 200],
  ['[::1]:9090', 200],
  ['rebound.example', 421],
  ['127.0.0.1.rebound.example:9090', 421],
  ['localhost.rebound.example', 421],
])('on the loopback, the host %j gets %i', async (host, status) => {
  const server = await serve();
  for (const path of ['/', '/status.json', '/metrics', '/healthz', '/readyz']) {
    expect((await get(server, path, { headers: { host } })).status).toBe(status);
  }
});

test('those who ask for the figure at the same time get one look, and others than this machine none', async () => {
  const server = await serve();
  const looks = await Promise.all([get(server, '/figure.json'), get(server, '/figure.json')]);
  expect(looks[0]?.body).toBe(looks[1]?.body);
  const body = 'The figure is shown on loopback only.\n';
  expect(await get(await serve(() => OWN, '0.0.0.0'), '/figure.json')).toMatchObject({ status: 403, body });
});

test('elsewhere, any host name will do', async () => {
  const server = await serve(() => OWN, '0.0.0.0');
  expect((await get(server, '/healthz', { headers: { host: 'prefork.example' } })).status).toBe(200);
});

test('the end of it waits for nobody', async () => {
  const server = await serve();
  const socket = connect(server.port, '127.0.0.1');
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /');
  await once(socket, 'data');
  const closed = once(socket, 'close');
  await server.close();
  await closed;
});

test('processes are looked at one in a turn of the event loop, and not again within a second', async () => {
  const pids = [process.pid, ...Array.from({ length: 20 }, (_, index) => index + 1)];
  const workers = pids.slice(1).map((pid, slot) => sampleWorker(slot, { pid }));
  const server = await serve(() => sampleSnapshot({ pid: process.pid, zygote: null }, workers));
  const looks: { pid: number; turn: number }[] = [];
  let turn = 0;
  const nextTurn = () => {
    turn++;
    immediate = setImmediate(nextTurn);
  };
  let immediate = setImmediate(nextTurn);
  onTestFinished(() => clearImmediate(immediate));
  vi.mocked(readUsage).mockImplementation((pid) => {
    looks.push({ pid, turn });
    return null;
  });
  const clock = vi.spyOn(performance, 'now').mockReturnValue(10_000);
  onTestFinished(() => clock.mockRestore());
  await get(server, '/status.json');
  clock.mockReturnValue(10_999);
  await get(server, '/metrics');
  expect(looks.map(({ pid }) => pid)).toEqual(pids);
  expect(new Set(looks.map((look) => look.turn)).size).toBe(pids.length);
  clock.mockReturnValue(11_000);
  await get(server, '/status.json');
  expect(looks).toHaveLength(2 * pids.length);
});

test('a port that is taken is an error', async () => {
  const { port } = await serve();
  await expect(serveStatus({ host: '127.0.0.1', port, snapshot: () => OWN })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});

test('a client that does not complete its request is hung up on', async () => {
  const { port } = await serve();
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n');
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
}, 30_000);

test('a connection more than it may have takes the place of one that is silent', async () => {
  const server = await serve();
  const sockets = Array.from({ length: 65 }, () => connect(server.port, '127.0.0.1').on('error', () => {}));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.race(sockets.map((socket) => once(socket.resume(), 'close')));
  expect(sockets.filter(({ closed }) => closed)).toHaveLength(1);
  for (const socket of sockets) socket.destroy();
  await vi.waitFor(async () => expect((await get(server, '/healthz')).status).toBe(200));
});

test('as many silent connections as it may have keep nobody out', async () => {
  const server = await serve();
  const sockets = Array.from({ length: 64 }, () => connect(server.port, '127.0.0.1').on('error', () => {}));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (let i = 0; i < 3; i++)
    expect((await get(server, '/healthz', { headers: { connection: 'close' } })).status).toBe(200);
});

test('one that is closed ends its connections', async () => {
  const server = await serveStatus({ host: 'localhost', port: 0, snapshot: () => OWN });
  const socket = connect(server.port, 'localhost').on('error', () => {});
  await once(socket, 'connect');
  await get({ ...server }, '/healthz', { host: 'localhost' });
  await server.close();
  await once(socket.resume(), 'close');
});
