import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { connectLines, withClients } from '../../../src/compare/clients/lines.js';
import { failuresOf, latenciesOf } from '../../../src/compare/clients/paced.js';

async function serve(take: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(take).listen(0, '127.0.0.1');
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

test('lines are answered in their order, also when several answers come at once', async () => {
  const { port } = await serve((socket) => {
    let text = '';
    socket.on('data', (data) => {
      text += data;
      if (text === 'one\ntwo\n') socket.write(text);
    });
  });
  const client = await connectLines(port);
  const [one, two] = await Promise.all([client.say('one'), client.say('two')]);
  expect(one).toBeGreaterThanOrEqual(two as number);
  client.close();
});

test('a line on a connection that ends, or has ended, is not answered', async () => {
  const { port } = await serve((socket) => socket.on('data', () => socket.end()));
  const client = await connectLines(port);
  expect(await client.say('hello')).toBeUndefined();
  expect(await client.ended).toBe('end of file');
  expect(await client.say('hello')).toBeUndefined();
});

test('a reset is told from an end of file', async () => {
  const { port } = await serve((socket) => socket.on('data', () => socket.resetAndDestroy()));
  const client = await connectLines(port);
  expect(await client.say('hello')).toBeUndefined();
  expect(await client.ended).toBe('ECONNRESET');
});

test('nobody to connect to is an error', async () => {
  const { server, port } = await serve(() => {});
  server.close();
  await once(server, 'close');
  await expect(connectLines(port)).rejects.toThrow('ECONNREFUSED');
});

test('clients are closed also when their use fails', async () => {
  const { server, port } = await serve((socket) => socket.resume());
  const gone = once(server, 'connection').then(([socket]) => once(socket, 'close'));
  const failure = withClients(async (clients) => {
    clients.push(await connectLines(port));
    throw new Error('failed');
  });
  await expect(failure).rejects.toThrow('failed');
  await gone;
});

test('requests that failed are told from those that were answered', () => {
  const requests = [
    [0, 5],
    [10, 'ECONNRESET'],
    [20, 1],
    [30, 'no answer'],
    [40, 'ECONNRESET'],
  ] as const;
  expect(latenciesOf(requests)).toEqual([1, 5]);
  expect(failuresOf(requests)).toBe('2 × ECONNRESET, 1 × no answer');
  expect(failuresOf([])).toBe('');
});
