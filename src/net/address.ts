import type { Address } from '../posix/index.js';

/** Where to listen: on a port of one host or, without a host, of all addresses, or on a path of the unix domain. */
export type ListenAddress = { readonly port: number; readonly host?: string } | { readonly path: string };

/** In bytes: the size of sun_path, without its final 0. unix(7). */
export const LONGEST_PATH = 107;

/** '127.0.0.1:12345', '[::1]:12345', a path, or '@name' in the abstract namespace. */
export function addressText(address: Address): string {
  return address.family === 'unix' ? pathText(address.path) : hostAndPort(address.address, address.port);
}

/** An IPv4 client of an IPv6 listener is shown as what it is. */
export function hostAndPort(address: string, port: number): string {
  const host = address.replace(/^::ffff:(?=\d+\.)/, '');
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A name of the abstract namespace begins with a NUL, which a terminal does not show: unix(7). */
export function isAbstract(path: string): boolean {
  return path.startsWith('\0');
}

function pathText(path: string): string {
  return (isAbstract(path) ? path.replace(/\0+$/, '').replaceAll('\0', '@') : path) || 'unix socket';
}
