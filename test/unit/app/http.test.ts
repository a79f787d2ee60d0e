import { createServer } from 'node:http2';
import { expect, test } from 'vitest';
import { Clients } from '../../../src/app/serving/clients.js';
import { HttpTraffic } from '../../../src/app/serving/http.js';

test('a server that closes and listens again has each of its requests counted once', () => {
  const traffic = new HttpTraffic(new Clients(0));
  const server = createServer();
  const listeners = () => ['connection', 'session'].map((event) => server.listenerCount(event));
  traffic.watch(server);
  traffic.watchPlain(server);
  const before = listeners();
  traffic.watch(server);
  traffic.watchPlain(server);
  expect(listeners()).toEqual(before);
});
