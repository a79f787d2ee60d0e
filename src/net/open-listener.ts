import { type Listener, type ListenOptions, listen } from '../posix/index.js';
import { isAbstract, type ListenAddress } from './address.js';
import type { SocketPath } from './socket-path.js';
import { listenOnPath, type PathOptions } from './unix-path.js';

/** A listening socket of this process. */
export interface OpenListener extends Listener {
  /** Its name in the file system, if it has one. */
  readonly path?: SocketPath;
}

export interface OpenOptions extends PathOptions {
  readonly ipv6Only?: boolean;
  readonly reusePort?: boolean;
}

/** Opens a listening socket where it is wanted. The host is numeric. @throws as listen() of prefork/posix */
export function openListener(address: ListenAddress, options: OpenOptions): OpenListener {
  const { backlog, ipv6Only = false, reusePort = false } = options;
  if ('path' in address) {
    return isAbstract(address.path) ? listen({ path: address.path, backlog }) : listenOnPath(address.path, options);
  }
  const { host, port } = address;
  const inet = { port, backlog, ipv6Only, reusePort };
  return host === undefined ? listenEverywhere(inet) : listen({ ...inet, host });
}

/** Listens on all addresses, of IPv6 and IPv4 by one socket, or of IPv4 alone on a machine that has no other. */
function listenEverywhere(options: ListenOptions): Listener {
  try {
    return listen({ ...options, host: '::' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') throw error;
    return listen({ ...options, host: '0.0.0.0' });
  }
}
