import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { onTestFinished } from 'vitest';
import { close, getsockname } from '../../src/posix/index.js';

/** A descriptor, which is closed when the test ends. */
export function closing(fd: number): number {
  onTestFinished(() => close(fd));
  return fd;
}

/** The port of a socket of this process. */
export function portOf(fd: number): number {
  return (getsockname(fd) as { port: number }).port;
}

/** A port on which this process listens until the test ends. */
export async function takenPort(): Promise<number> {
  const server = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  onTestFinished(() => server.close() as unknown as undefined);
  return (server.address() as AddressInfo).port;
}
