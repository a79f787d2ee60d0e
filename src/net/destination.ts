import { hostAndPort, parsePort } from './address.js';

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
