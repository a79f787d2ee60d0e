import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { hostAndPort, type NodeAddress, nodeAddressText } from '../../net/address.js';
import { printable } from '../../util/printable.js';
import { listenError } from '../echo/listener.js';
import { Connection } from './connection.js';
import type { EchoOptions } from './options.js';

/** How many bytes of a line are logged. */
const SHOWN = 960;

/**
 * The echo server on an event loop: every client of this process at the same time.
 * @param title 'Child' or 'Process', with the process id what its log lines begin with
 * @returns once it listens
 */
export async function listenAndEcho(title: string, options: EchoOptions): Promise<Server> {
  const { address, backlog, limits, quiet } = options;
  const log = (text: string) => console.log(`${title} ${process.pid} ${text}`);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (quiet) return new Connection(socket, { limits });
    log(`accepted a client! (${peerOf(socket)})`);
    return new Connection(socket, {
      limits,
      received: (line) => log(`received: ${printable(line, SHOWN)}`),
      closed: (why) => log(`closed a connection!${why === undefined ? '' : ` (${why})`}`),
    });
  });
  server.listen({ ...address, backlog });
  await once(server, 'listening').catch((cause) => Promise.reject(listenError(cause, address)));
  if (!quiet) log('accepting...');
  return server;
}

export function listeningAddress(server: Server): string {
  return nodeAddressText(server.address() as NodeAddress);
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress === undefined ? 'unix socket' : hostAndPort(remoteAddress, remotePort as number);
}
