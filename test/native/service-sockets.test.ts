import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ServiceSockets } from '../../src/monitor/listeners/service-sockets.js';
import { listen, shutdown } from '../../src/posix/index.js';
import { temporaryFolder } from '../helpers/folder.js';

test('that a socket of a service manager cannot be made good is told once', () => {
  const sockets = new ServiceSockets({ socketMode: undefined, socketOwner: undefined }, () => {});
  sockets.take(listen({ path: join(temporaryFolder(), 'socket') }).fd);
  const [socket] = sockets.of('given');
  if (socket === undefined) throw new Error('it was not taken');
  onTestFinished(() => sockets.close(socket));
  expect(sockets.revive(socket)).toBeUndefined();
  shutdown(socket.fd);
  expect(sockets.revive(socket)).toMatch(/^was shut down by a process: it cannot be as before/);
  expect(sockets.revive(socket)).toBeUndefined();
});
