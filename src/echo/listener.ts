import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { listenEverywhere } from '../net/everywhere.js';
import { listenOnPath, type OpenListener } from '../net/unix-path.js';
import { listen } from '../posix/index.js';

export interface Endpoint {
  readonly port: number;
  /** A name or a numeric address; undefined for all addresses, of IPv6 and IPv4. */
  readonly host: string | undefined;
  /** A path in the unix domain, instead of `port` and `host`. */
  readonly path: string | undefined;
  readonly backlog: number;
}

/** Opens the listening socket. @throws Error in one line that says what is wrong and what to do */
export async function openListener({ port, host, path, backlog }: Endpoint): Promise<OpenListener> {
  if (path !== undefined) return listenOnPath(path, backlog);
  const address = host === undefined ? undefined : await resolve(host);
  try {
    const listener =
      address === undefined ? listenEverywhere({ port, backlog }) : listen({ port, host: address, backlog });
    return { ...listener, cleanUp: () => {} };
  } catch (cause) {
    throw listenError(cause as NodeJS.ErrnoException, { host, port });
  }
}

async function resolve(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  if (host === '') throw new Error('--host is empty; give a name or an address, or leave it out for all addresses');
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(`host '${host}' is unknown (${code}); check --host, or leave it out for all addresses`, { cause });
  }
}

/** One line that says what is wrong and what to do. */
export function listenError(cause: NodeJS.ErrnoException, { host, port }: Pick<Endpoint, 'host' | 'port'>): Error {
  return new Error(explain(cause, host, port), { cause });
}

function explain({ code, message }: NodeJS.ErrnoException, host: string | undefined, port: number): string {
  const where = host === undefined ? `port ${port}` : `port ${port} of ${host}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use; end the program that has it (ss -ltnp sport = :${port} shows it), or choose another --port`;
    case 'EACCES':
      return `${where} is not allowed to this user; choose a --port from 1024 up, or run with CAP_NET_BIND_SERVICE`;
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return `${host} is not an address of this machine; choose one that is with --host, or leave it out for all`;
    default:
      return `cannot listen on ${where}: ${message}`;
  }
}
