import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { accepts, type Server, startServer } from '../../fixtures/start/server.js';
import { type Client, connect } from '../../helpers/client.js';
import { isAlive } from '../../helpers/proc.js';
import { ROOT, startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const HTTPS = join(ROOT, 'test/fixtures/apps/https.mjs');
const IDLE = 'GET / HTTP/1.1\r\nHost: app\r\n\r\n';
const HALF = 'POST /body HTTP/1.1\r\nHost: app\r\nContent-Length: 9\r\n\r\nhalf ';

/** A client in the middle of its request, which the app waits for. */
async function inFlight(server: Server): Promise<Client> {
  const before = server.requests;
  const client = await connect(server.port);
  client.send(HALF);
  await eventually('the request is under way', () => server.requests === before + 1);
  return client;
}

async function idle(server: Server): Promise<Client> {
  const client = await connect(server.port);
  client.send(IDLE);
  await client.line(/^HTTP\/1\.1 200 OK$/);
  return client;
}

test.for(['SIGTERM', 'SIGQUIT'] as const)(
  '%s: what is in flight is answered, all else ends at once',
  async (signal) => {
    const server = await startServer();
    const [busy, quiet] = [await inFlight(server), await idle(server)];
    server.signal(signal);
    await quiet.ended;
    await eventually('new clients are refused', () => /worker \d gen \d pid \d+: stopping/.test(server.running.text));
    while (await accepts(server.port));
    busy.send('done');
    await busy.line(/^HTTP\/1\.1 200 OK$/);
    await busy.ended;
    expect(busy.text).toMatch(/half done$|half \r\n4\r\ndone\r\n0\r\n\r\n$/);
    expect(await server.ended).toEqual({ code: 0, signal: null });
    await server.gone();
  },
);

test('a request that comes while the service ends is told that it was the last one', async () => {
  const server = await startServer();
  const client = await connect(server.port);
  const [head, body] = ['POST /body HTTP/1.1\r\nHost: app\r\nContent-Length: 4\r\n\r\n', 'done'];
  client.send(head);
  await eventually('the request is under way', () => server.requests === 1);
  server.signal('SIGTERM');
  await eventually('it is told to leave', () => server.workers.every(({ state }) => state === 'draining'));
  client.send(body);
  await client.line(/^Connection: close$/);
  await client.ended;
  expect(await server.ended).toEqual({ code: 0, signal: null });
});

test('an answer that its client takes in slowly arrives whole', async () => {
  const server = await startServer();
  const socket = connectSocket(server.port, '127.0.0.1').pause();
  onTestFinished(() => {
    socket.destroy();
  });
  socket.write('GET /big HTTP/1.1\r\nHost: app\r\n\r\n');
  await eventually('the request is under way', () => server.requests === 1);
  server.signal('SIGTERM');
  await eventually('it is told to leave', () => server.workers.every(({ state }) => state === 'draining'));
  await new Promise((resolve) => socket.once('readable', resolve));
  expect((await buffer(socket)).length).toBeGreaterThan(64 * 2 ** 20);
  expect(await server.ended).toEqual({ code: 0, signal: null });
});

test('a client that has connected and asks nothing does not hold the service', async () => {
  const server = await startServer();
  const client = await connect(server.port);
  await eventually('it is accepted', () => server.workers.some(({ connections }) => connections === 1));
  server.signal('SIGTERM');
  await client.ended;
  expect(await server.ended).toEqual({ code: 0, signal: null });
  expect(server.running.stderr.text).not.toMatch(/is killed/);
});

test('nor does one that asks nothing after its TLS handshake', async () => {
  const running = await startPrefork(['start', '-w', '1', '--grace', '1h', HTTPS]);
  const [, port] = await running.line(/serving on \S+:(\d+) with/);
  const client = connectTls({ port: Number(port), rejectUnauthorized: false }).on('error', () => {});
  onTestFinished(() => {
    client.destroy();
  });
  await once(client, 'secureConnect');
  process.kill(running.pid, 'SIGTERM');
  expect(await running.closed).toEqual({ code: 0, signal: null });
  expect(running.stderr.text).not.toMatch(/is killed/);
});

test('SIGINT waits for no answer', async () => {
  const server = await startServer();
  const client = await inFlight(server);
  server.signal('SIGINT');
  await client.ended;
  expect(client.text).not.toMatch(/done/);
  expect(await server.ended).toEqual({ code: 130, signal: null });
  await server.gone();
});

test('SIGINT after SIGTERM makes it quick', async () => {
  const server = await startServer();
  const client = await inFlight(server);
  server.signal('SIGTERM');
  await eventually('they leave', () => server.workers.every(({ state }) => state === 'draining'));
  server.signal('SIGINT');
  await client.ended;
  await server.ended;
  await server.gone();
});

test('a worker that does not leave within --grace is killed', async () => {
  const server = await startServer({ args: ['--grace', '300ms'] });
  const client = await inFlight(server);
  server.signal('SIGTERM');
  await client.ended;
  expect(await server.ended).toEqual({ code: 0, signal: null });
  expect(server.running.stderr.text).toMatch(
    /is killed: it did not leave within 0\.3 s; one connection is still open$/m,
  );
});

test('SIGTTIN and SIGTTOU change the number of workers, of which one always stays', async () => {
  const server = await startServer();
  const before = server.pids;
  server.signal('SIGTTIN');
  await server.running.line(/target is 3 workers/);
  expect((await server.count(3)).map(({ pid }) => pid)).toEqual(expect.arrayContaining(before));
  for (const left of [2, 1]) {
    server.signal('SIGTTOU');
    await server.running.line(new RegExp(`target is ${left} worker`));
  }
  await server.count(1);
  server.signal('SIGTTOU'); // Nothing comes of it.
  expect(server.pids).toEqual([before[0]]);
  expect(await server.ask('/pid')).toBe(`${before[0]}`);
  server.signal('SIGTTIN');
  await server.running.line(/target is 2 workers/);
  await server.count(2);
});

test('SIGUSR2 changes nothing', async () => {
  const server = await startServer();
  const before = server.pids;
  server.signal('SIGUSR2');
  server.signal('SIGTTIN');
  await server.running.line(/target is 3 workers/);
  await server.count(3);
  expect(server.pids).toEqual(expect.arrayContaining(before));
  expect(isAlive(server.pid)).toBe(true);
});
