import type { Address } from '../posix/index.js';

/** '127.0.0.1:12345', '[::1]:12345', or a path. */
export function addressText(address: Address): string {
  return address.family === 'unix' ? address.path || 'unix socket' : hostAndPort(address.address, address.port);
}

/** An IPv4 client of an IPv6 listener is shown as what it is. */
export function hostAndPort(address: string, port: number): string {
  const host = address.replace(/^::ffff:(?=\d+\.)/, '');
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
