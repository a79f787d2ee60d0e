import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { get } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { type Server, startServer } from '../../fixtures/start/server.js';
import { eventually } from '../../helpers/wait.js';

const APP = 'test/fixtures/clients/app.mjs';
const HALF = 'GET / HTTP/1.1\r\nHost: x\r\n';
/** What a client is freed within: its own second and a quarter, and all else on a busy machine. Node alone takes 30 s to 80 s. */
const SECONDS = 8000;

/** A client of a server whose only worker has one connection at a time. */
async function client(server: Server, bytes: string): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

async function echoed(socket: Socket): Promise<string> {
  onTestFinished(() => void socket.destroy());
  socket.write('echo');
  const [data] = await once(socket, 'data');
  return String(data);
}

const asks: Record<string, (server: Server) => Promise<string>> = {
  http: (server) => server.ask(),
  https: async ({ port }) => {
    const request = get({ port, host: '127.0.0.1', rejectUnauthorized: false, agent: false });
    const [response] = await once(request, 'response');
    response.resume();
    return response.statusCode === 200 ? 'answer' : String(response.statusCode);
  },
  http2: async ({ url }) => {
    const session = connectHttp2(url);
    onTestFinished(() => session.destroy());
    const [headers] = await once(session.request({ ':path': '/' }).resume(), 'response');
    return headers[':status'] === 200 ? 'answer' : String(headers[':status']);
  },
  net: ({ port }) => echoed(connect(port, '127.0.0.1')),
  tls: ({ port }) => echoed(connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })),
};

test.each([
  ['http', 'nothing', ''],
  ['http', 'half a header', HALF],
  ['https', 'no handshake', ''],
  ['https', 'half a handshake', '\x16\x03\x01\x02\x00'],
  ['http2', 'nothing', ''],
  ['http2', 'a session without a stream', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'],
  ['net', 'nothing', ''],
  ['tls', 'no handshake', ''],
])('%s: a client that sends %s does not keep others out', async (kind, _, bytes) => {
  const args = ['--concurrency', '1', '--client-timeout', '1s'];
  const server = await startServer({ app: APP, appArgs: [kind], workers: 1, args });
  const silent = await client(server, bytes);
  const closed = once(silent.resume(), 'close');
  const began = performance.now();
  expect(await asks[kind]?.(server)).toBe(kind === 'net' || kind === 'tls' ? 'echo' : 'answer');
  expect(performance.now() - began).toBeLessThan(SECONDS);
  await closed;
});

test('half a header of a later request does not either', async () => {
  const args = ['--concurrency', '1', '--client-timeout', '1s'];
  const server = await startServer({ app: APP, appArgs: ['http'], workers: 1, args });
  const slow = await client(server, `${HALF}\r\n`);
  await once(slow, 'data');
  slow.write(HALF);
  const began = performance.now();
  expect(await server.ask()).toBe('answer');
  expect(performance.now() - began).toBeLessThan(SECONDS);
});

test('without a time of its own, --concurrency gives clients 5 s', async () => {
  const server = await startServer({ app: APP, appArgs: ['http'], workers: 1, args: ['--concurrency', '1'] });
  await client(server, '');
  const began = performance.now();
  expect(await server.ask()).toBe('answer');
  expect(performance.now() - began).toBeGreaterThan(3000);
  expect(performance.now() - began).toBeLessThan(5000 + SECONDS);
});

test('a client that was sent something, and one that has asked, may be silent', async () => {
  const args = ['--concurrency', '2', '--client-timeout', '300ms'];
  const server = await startServer({ app: APP, appArgs: ['greeting'], workers: 1, args });
  const greeted = await client(server, '');
  await once(greeted, 'data');
  const silentUntil = performance.now() + 1200;
  while (performance.now() < silentUntil) expect(await echoedHello(server)).toBe('hello');
  expect(greeted.closed).toBe(false);
  expect(await echoed(greeted)).toBe('echo');
});

test('--defer-accept: a silent connection does not reach a worker', async () => {
  const args = ['--concurrency', '1', '--client-timeout', '0', '--defer-accept'];
  const server = await startServer({ app: APP, appArgs: ['http'], workers: 1, args });
  await client(server, '');
  expect(await server.ask()).toBe('answer');
  const accepted = () => server.workers.reduce((sum, worker) => sum + worker.accepted, 0);
  await eventually('the connection that asked is counted', () => accepted() > 0);
  expect(accepted()).toBe(1);
});

async function echoedHello({ port }: Server): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const [data] = await once(socket, 'data');
  socket.destroy();
  await once(socket, 'close');
  return String(data);
}
