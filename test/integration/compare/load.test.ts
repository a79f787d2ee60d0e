import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Done, Job } from '../../../src/compare/clients/job.js';
import { ROOT, type Running, startNode, startPrefork } from '../../helpers/process.js';

const program = (name: string) => join(ROOT, `dist/compare/programs/${name}-load.js`);

async function portOf(server: Server | HttpServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** Clients that have warmed up. */
async function clients(name: 'http' | 'echo', job: Partial<Job>): Promise<Running> {
  const whole = { connections: 1, seconds: 30, warmUp: 0, ...job };
  const running = await startNode([program(name), JSON.stringify(whole)]);
  await running.line(/^ready$/);
  return running;
}

/** Has them do their work. */
async function work(running: Running): Promise<Done> {
  running.stdin.write('\n');
  const [line] = await running.line(/^\{.*\}$/);
  return JSON.parse(line);
}

async function done(name: 'http' | 'echo', job: Partial<Job>): Promise<Done> {
  return work(await clients(name, job));
}

/** An http server, and what it has seen. */
async function counting() {
  const seen = { connections: 0, requests: 0 };
  const server = createHttpServer((_, response) => {
    seen.requests++;
    response.end('hello\n');
  });
  server.on('connection', () => seen.connections++);
  return { seen, port: await portOf(server) };
}

/** An http server that answers with these bytes, in these pieces, and closes the connection. */
async function answering(...pieces: string[]): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', async () => {
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise(setImmediate);
      }
      socket.end();
    });
  });
  return portOf(server);
}

test('the clients have as many answers as the server has had requests, on a connection each', async () => {
  const { seen, port } = await counting();
  const { latencies, failed } = await done('http', { port, connections: 7, perConnection: 1, requests: 100 });
  expect({ answered: latencies.length, failed }).toEqual({ answered: 100, failed: 0 });
  expect(seen).toEqual({ connections: 100, requests: 100 });
});

test('connections that stay are as many as the clients', async () => {
  const { seen, port } = await counting();
  const { latencies, failed } = await done('http', { port, connections: 5, requests: 200 });
  expect({ answered: latencies.length, failed }).toEqual({ answered: 200, failed: 0 });
  expect(seen).toEqual({ connections: 5, requests: 200 });
});

test('a connection carries as many requests as it is to carry', async () => {
  const { seen, port } = await counting();
  const { latencies } = await done('http', { port, connections: 1, perConnection: 10, requests: 95 });
  expect(latencies).toHaveLength(95);
  expect(seen).toEqual({ connections: 10, requests: 95 });
});

test('those of the warm-up are not counted, and those that are under way at the end are', async () => {
  const { seen, port } = await counting();
  const running = await clients('http', { port, connections: 3, seconds: 0.2, warmUp: 0.1 });
  const before = seen.requests;
  const { latencies, failed, seconds, busy } = await work(running);
  expect(before).toBeGreaterThan(0);
  expect({ answered: latencies.length, failed }).toEqual({ answered: seen.requests - before, failed: 0 });
  expect(seconds).toBeGreaterThanOrEqual(0.2);
  expect(busy).toBeGreaterThan(0);
  expect(busy).toBeLessThanOrEqual(1);
  for (const latency of latencies) expect(latency).toBeGreaterThan(0);
});

test('an answer that comes in pieces counts once', async () => {
  const port = await answering('HTTP/1.1 200 O', 'K\r\nContent-Le', 'ngth: 6\r\n\r', '\nhel', 'lo\n');
  const { latencies, failed } = await done('http', { port, connections: 2, perConnection: 1, requests: 20 });
  expect({ answered: latencies.length, failed }).toEqual({ answered: 20, failed: 0 });
});

test.each([
  ['that breaks off in its head', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n'],
  ['that breaks off in its body', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhell'],
  ['longer than it says', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n\n'],
  ['of another status', 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 6\r\n\r\nhello\n'],
  ['of nothing at all', ''],
])('an answer %s has failed', async (_, answer) => {
  const port = await answering(answer);
  const { latencies, failed } = await done('http', { port, connections: 2, perConnection: 1, requests: 9 });
  expect({ answered: latencies.length, failed }).toEqual({ answered: 0, failed: 9 });
});

test('on one connection answers may differ in length, and one of another status has failed', async () => {
  const answers = [
    [200, 'hello'],
    [200, 'hello'],
    [200, 'hello there'],
    [503, 'hello there'],
    [200, 'hello'],
  ] as const;
  let requests = 0;
  const server = createHttpServer((_, response) => {
    const [status, body] = answers[requests++] ?? [200, ''];
    response.statusCode = status;
    // As long as 'Service Unavailable', so that nothing but the status differs.
    if (status === 200) response.statusMessage = 'Very well indeed :)';
    response.end(body);
  });
  const { latencies, failed } = await done('http', { port: await portOf(server), requests: answers.length });
  expect({ answered: latencies.length, failed, requests }).toEqual({ answered: 4, failed: 1, requests: 5 });
});

test('a connection that is refused is a request that has failed', async () => {
  const server = createServer();
  const port = await portOf(server);
  server.close();
  await once(server, 'close');
  for (const name of ['http', 'echo'] as const) {
    const { latencies, failed } = await done(name, { port, requests: 9 });
    expect({ name, answered: latencies.length, failed }).toEqual({ name, answered: 0, failed: 9 });
  }
});

test('who is never answered has failed when the time is over', async () => {
  const open: Socket[] = [];
  const port = await portOf(createServer((socket) => open.push(socket)));
  const counts = await Promise.all(
    (['http', 'echo'] as const).map(async (name) => {
      const { latencies, failed } = await done(name, { port, seconds: 0.1 });
      return { name, answered: latencies.length, failed };
    }),
  );
  for (const socket of open) socket.destroy();
  expect(counts).toEqual(['http', 'echo'].map((name) => ({ name, answered: 0, failed: 1 })));
});

test('the echo server has received as many lines as its client has seen echoed', async () => {
  const server = await startPrefork(['echo', '--port', '0', '--workers', '2']);
  const [, port] = await server.line(/^Listening on \S+:(\d+)/);
  const { latencies, failed } = await done('echo', { port: Number(port), perConnection: 10, requests: 60 });
  expect({ echoed: latencies.length, failed }).toEqual({ echoed: 60, failed: 0 });
  await server.lines(6, /closed a connection!/);
  expect(server.text.match(/received: x{63}$/gm)).toHaveLength(60);
});

test('an echo that is another line has failed', async () => {
  const port = await portOf(createServer((socket) => socket.on('data', () => socket.write(`${'y'.repeat(63)}\n`))));
  const { latencies, failed } = await done('echo', { port, requests: 5 });
  expect({ echoed: latencies.length, failed }).toEqual({ echoed: 0, failed: 5 });
});

test('clients that nobody waits for any more end without doing their work', async () => {
  const { seen, port } = await counting();
  const running = await clients('http', { port, requests: 5 });
  running.stdin.end();
  expect(await running.exit).toEqual({ code: 0, signal: null });
  expect(seen.requests).toBe(0);
});
