import { isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import type { Address } from '../posix/index.js';
import { hostAndPort, isAbstract, parsePort } from './address.js';

/** What leads to the own machine whatever it is called; connect(2) takes the address of all interfaces for it, too. */
const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '::1', '0.0.0.0', '::']);

/** Where a connect leads, as net.Socket's connect() is told. */
export interface ConnectTarget {
  readonly host?: string | undefined;
  readonly port?: number | string | undefined;
  /** A unix domain socket's path, which goes before host and port. */
  readonly path?: string | undefined;
}

/**
 * The text by which a destination is known: 'db.example:5432', '[::1]:6379' or a path. A host is the name or address
 * that the app gives, in lower case; nothing is looked up.
 * @returns undefined where there is neither a path nor a port, or what is there is of a wrong type
 */
export function destinationOf({ host, port, path }: ConnectTarget): string | undefined {
  if (path) return typeof path === 'string' ? path : undefined;
  const number = Number(port);
  if (host && typeof host !== 'string') return undefined;
  if (port === undefined || port === '' || !Number.isInteger(number) || number < 0 || number > 65535) return undefined;
  return hostAndPort((host || 'localhost').toLowerCase(), number);
}

/** The same, from what a person writes: 'HOST:PORT', '[IPv6]:PORT', 'unix:PATH' or a path with a slash. */
export function parseDestination(text: string): string | undefined {
  const path = text.startsWith('unix:') ? text.slice('unix:'.length) : text;
  if (path !== text || text.includes('/')) return path === '' || path.includes('\0') ? undefined : path;
  const { host, port } = parsePort(text) ?? {};
  return host === undefined ? undefined : destinationOf({ host, port });
}

/** Whether a destination is a path of the unix domain. */
export function isPath(destination: string): boolean {
  return destination.includes('/') || !/:\d+$/.test(destination);
}

/** Whether a destination is on the own machine whatever that is called. */
export function isLocal(destination: string): boolean {
  return isPath(destination) || LOCAL_HOSTS.has(parsePort(destination)?.host ?? '');
}

/** Whether a client who connects to a destination reaches a server that listens on this address of the own machine. */
export function leadsTo(destination: string, address: Address): boolean {
  if (isPath(destination)) return address.family === 'unix' && absolute(destination) === absolute(address.path);
  const { host = '', port } = parsePort(destination) ?? {};
  return address.family !== 'unix' && port === address.port && LOCAL_HOSTS.has(host) && hears(address.address, host);
}

/** Whether a server on this address hears of clients who connect to that host of the own machine. */
function hears(address: string, host: string): boolean {
  const own = address.replace(/^::ffff:(?=\d+\.)/, ''); // An address of IPv4 in the form of IPv6; of a host it is gone already.
  if (own === '::' || host === 'localhost') return LOCAL_HOSTS.has(own);
  return isIPv6(host) ? own === '::1' : own === '127.0.0.1' || own === '0.0.0.0';
}

/** A path from the root. Names of the abstract namespace, which are none, may be filled up with NULs. */
export function absolute(path: string): string {
  return isAbstract(path) ? path.replace(/\0+$/, '') : resolve(path);
}
