import type { Address } from '../posix/index.js';

/** '127.0.0.1:12345', '[::1]:12345', or a path. An IPv4 client of an IPv6 listener is shown as what it is. */
export function addressText(address: Address): string {
  if (address.family === 'unix') return address.path || 'unix socket';
  const host = address.address.replace(/^::ffff:(?=\d+\.)/, '');
  return host.includes(':') ? `[${host}]:${address.port}` : `${host}:${address.port}`;
}
