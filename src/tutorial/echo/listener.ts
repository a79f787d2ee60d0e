import { lookup } from 'node:dns/promises';
import { lstatSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ListenAddress } from '../../net/address.js';
import { type OpenListener, openListener as openAt } from '../../net/open-listener.js';

/** Opens the listening socket. @throws Error in one line that says what is wrong and what to do */
export async function openListener(address: ListenAddress, backlog: number): Promise<OpenListener> {
  const numeric = await resolve(address);
  try {
    return openAt(numeric, { backlog });
  } catch (cause) {
    throw listenError(cause as NodeJS.ErrnoException, address);
  }
}

async function resolve(address: ListenAddress): Promise<ListenAddress> {
  if ('path' in address || address.host === undefined || isIP(address.host) !== 0) return address;
  const { host, port } = address;
  if (host === '') throw new Error('--host is empty; give a name or an address, or leave it out for all addresses');
  try {
    return { port, host: (await lookup(host)).address };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(`host '${host}' is unknown (${code}); check --host, or leave it out for all addresses`, { cause });
  }
}

/** One line that says what is wrong and what to do. */
export function listenError(cause: NodeJS.ErrnoException, address: ListenAddress): Error {
  const line = 'path' in address ? explainPath(cause, address.path) : explain(cause, address.host, address.port);
  return new Error(line, { cause });
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

function explainPath({ code, message }: NodeJS.ErrnoException, path: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return lstatSync(path).isSocket()
        ? `${path} is in use; end the program that has it, or choose another --path`
        : `${path} exists and is not a socket; choose another --path`;
    case 'ENOENT':
      return `cannot listen on ${path}: its folder does not exist; make it first`;
    case 'EACCES':
    case 'EROFS':
      return `cannot listen on ${path}: this user may not write there; choose another --path`;
    case 'ENAMETOOLONG':
      return `cannot listen on ${path}: a socket path has at most 107 bytes; choose a shorter --path`;
    default:
      return `cannot listen on ${path}: ${message}`;
  }
}
