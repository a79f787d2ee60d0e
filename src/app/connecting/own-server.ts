import { isIPv6 } from 'node:net';
import { parsePort } from '../../net/address.js';
import { leadsTo } from '../../net/destination.js';
import type { ToldAddresses } from '../../node/connections.js';
import { type Address, accept, close, connect, getsockname, listen, socket, socketpair } from '../../posix/index.js';

type InetAddress = Exclude<Address, { family: 'unix' }>;

/** Of the servers of this process, the one that a client reaches at a destination, as `destinationOf` has it. */
export function serverAt<Handle extends { readonly listeners: readonly { readonly address: Address }[] }>(
  destination: string,
  handles: Iterable<Handle>,
): Handle | undefined {
  return [...handles].find(({ listeners }) => listeners.some(({ address }) => leadsTo(destination, address)));
}

/** Both ends of a connection, and the addresses that they are to tell: none on a path. */
export interface OwnConnection {
  readonly client: number;
  readonly server: number;
  readonly clientTells: ToldAddresses;
  readonly serverTells: ToldAddresses;
}

/** A connection of this process to its server, as if it had been accepted there. @throws where there is none to be had */
export function connectToOwn(destination: string, server: Address): OwnConnection {
  const { host = '', port } = parsePort(destination) ?? {};
  if (server.family === 'unix' || port === undefined) {
    const [client, far] = socketpair();
    return { client, server: far, clientTells: {}, serverTells: {} };
  }
  const { clientPort, ...ends } = connectedPair();
  const family = isIPv6(host) ? 'IPv6' : 'IPv4';
  const client = { address: family === 'IPv6' ? '::1' : '127.0.0.1', family };
  // A server that has IPv6 tells the addresses of IPv4 so.
  const seen = server.family === family ? client : { address: `::ffff:${client.address}`, family: server.family };
  return {
    ...ends,
    clientTells: { getpeername: { ...client, port }, getsockname: { ...client, port: clientPort } },
    serverTells: { getpeername: { ...seen, port: clientPort }, getsockname: { ...seen, port } },
  };
}

interface ConnectedPair {
  readonly client: number;
  readonly server: number;
  readonly clientPort: number;
}

/** Two ends over TCP, which take all options of TCP. Nobody else can get in between. */
function connectedPair(): ConnectedPair {
  try {
    return connectedPairOn('127.0.0.1');
  } catch (error) {
    // A host may have IPv6 alone.
    if ((error as NodeJS.ErrnoException).code !== 'EADDRNOTAVAIL') throw error;
    return connectedPairOn('::1');
  }
}

function connectedPairOn(host: string): ConnectedPair {
  const listener = listen({ host });
  let client: number | undefined;
  try {
    client = socket({ family: listener.address.family });
    connect(client, listener.address);
    const { port: clientPort } = getsockname(client) as InetAddress;
    for (;;) {
      const { fd, address } = accept(listener.fd);
      if ((address as InetAddress).port === clientPort) return { client, server: fd, clientPort };
      close(fd);
    }
  } catch (error) {
    if (client !== undefined) close(client);
    throw error;
  } finally {
    close(listener.fd);
  }
}
