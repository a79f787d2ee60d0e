import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ServiceSockets } from '../../src/monitor/listeners/service-sockets.js';
import { close, listen, shutdown } from '../../src/posix/index.js';
import { temporaryFolder } from '../helpers/folder.js';

/** One of a service manager. */
function given(fd: number) {
  const sockets = new ServiceSockets({ socketMode: undefined, socketOwner: undefined }, () => {});
  sockets.take(fd);
  const [socket] = sockets.of('given');
  if (socket === undefined) throw new Error('it was not taken');
  onTestFinished(() => sockets.close(socket));
  return { socket, revive: () => sockets.revive(socket) };
}

/** A socket that asked for its port by number keeps it when it listens again; one that did not gets another. */
function freePort(): number {
  const { fd, address } = listen({ host: '127.0.0.1' });
  close(fd);
  return (address as { port: number }).port;
}

test('that a socket of a service manager cannot be made good is told once', () => {
  const { socket, revive } = given(listen({ path: join(temporaryFolder(), 'socket') }).fd);
  expect(revive()).toBeUndefined();
  shutdown(socket.fd);
  expect(revive()).toMatch(/^was shut down by a process: it cannot be as before/);
  expect(revive()).toBeUndefined();
});

test('that its port is in use is told once, and that it listens again when the port is free', () => {
  const port = freePort();
  const { socket, revive } = given(listen({ host: '127.0.0.1', port }).fd);
  shutdown(socket.fd);
  const other = listen({ host: '127.0.0.1', port }).fd;
  expect(revive()).toMatch(/^was shut down by a process: it cannot be opened again: listen EADDRINUSE/);
  expect(revive()).toBeUndefined();
  close(other);
  expect(revive()).toBe('was shut down by a process: it listens again');
  expect(revive()).toBeUndefined();
});
