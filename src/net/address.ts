import { isIPv6 } from 'node:net';
import type { Address } from '../posix/index.js';

/** Where to listen: on a port of one host or, without a host, of all addresses, or on a path of the unix domain. */
export type ListenAddress = { readonly port: number; readonly host?: string } | { readonly path: string };

/** In bytes: the size of sun_path, without its final 0. unix(7). */
export const MAX_PATH_BYTES = 107;

/** 'PORT', 'HOST:PORT', '[IPv6]:PORT', 'unix:PATH' or, in the abstract namespace, 'unix:@NAME'; undefined for other text. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  if (text.startsWith('unix:')) return parsePath(text.slice('unix:'.length));
  const { host, port } = parsePort(text) ?? {};
  if (port === undefined) return undefined;
  return host === undefined ? { port } : { port, host };
}

/** The same as text. */
export function listenAddressText(address: ListenAddress): string {
  if ('path' in address) return `unix:${isAbstract(address.path) ? address.path.replace('\0', '@') : address.path}`;
  const { host, port } = address;
  return host === undefined ? `${port}` : bracketed(host, port);
}

/** Whether it is one, for what another process says. */
export function isListenAddress(value: unknown): value is ListenAddress {
  if (typeof value !== 'object' || value === null) return false;
  const { path, host, port } = value as Readonly<Record<string, unknown>>;
  if (path !== undefined) return typeof path === 'string';
  return Number.isInteger(port) && (host === undefined || typeof host === 'string');
}

/** The address that a socket has which listens there. */
export function socketAddress(address: ListenAddress): Address {
  if ('path' in address) return { family: 'unix', path: address.path };
  const { host = '::', port } = address;
  return { family: isIPv6(host) ? 'IPv6' : 'IPv4', address: host, port };
}

/** A port, and the host before it where there is one; undefined for other text. */
export function parsePort(text: string): { readonly host: string | undefined; readonly port: number } | undefined {
  const [, v6, name, digits = ''] = /^(?:(?:\[([^\]]+)\]|([^\s:/[\]]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65535 || (v6 !== undefined && !isIPv6(v6))) return undefined;
  return { host: v6 ?? name, port };
}

/** '127.0.0.1:12345', '[::1]:12345', a path, or '@name' in the abstract namespace. */
export function addressText(address: Address | { readonly address: string; readonly port: number }): string {
  return 'path' in address ? pathText(address.path) : hostAndPort(address.address, address.port);
}

/** What Node tells of a server: net.Server's address(), or node:cluster's 'listening', which has -1 for a path's type. */
export type NodeAddress = string | { address: string | null; port: number; addressType?: 4 | 6 | -1 | 'udp4' | 'udp6' };

/** The same as addressText(). */
export function nodeAddressText(told: NodeAddress): string {
  if (typeof told === 'string') return told;
  const { address, port, addressType } = told;
  return addressType === -1 ? `${address}` : hostAndPort(address ?? '::', port);
}

/** An IPv4 client of an IPv6 listener is shown as what it is. */
export function hostAndPort(host: string, port: number): string {
  return bracketed(host.replace(/^::ffff:(?=\d+\.)/, ''), port);
}

/** A name of the abstract namespace begins with a NUL, which a terminal does not show: unix(7). */
export function isAbstract(path: string): boolean {
  return path.startsWith('\0');
}

/** Whether a socket's address has room for a path of the file system. */
export function isSocketPath(path: string): boolean {
  return Buffer.byteLength(path) <= MAX_PATH_BYTES;
}

function bracketed(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function parsePath(text: string): ListenAddress | undefined {
  if (text.includes('\0') || text === '' || text === '@') return undefined;
  const isName = text.startsWith('@');
  // A path ends with a 0 within its 108 bytes, a name of the abstract namespace begins with one: unix(7).
  if (!isSocketPath(isName ? text.slice(1) : text)) return undefined;
  return { path: isName ? text.replace('@', '\0') : text };
}

function pathText(path: string): string {
  return (isAbstract(path) ? path.replace(/\0+$/, '').replaceAll('\0', '@') : path) || 'unix socket';
}
