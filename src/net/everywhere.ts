import { type Listener, type ListenOptions, listen } from '../posix/index.js';

/** Listens on all addresses, of IPv6 and IPv4 by one socket, or of IPv4 alone on a machine that has no other. */
export function listenEverywhere(options: ListenOptions): Listener {
  try {
    return listen({ ...options, host: '::' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') throw error;
    return listen({ ...options, host: '0.0.0.0' });
  }
}
