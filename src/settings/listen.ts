import { isIPv6 } from 'node:net';
import { type ListenAddress, LONGEST_PATH } from '../net/address.js';

/** 'PORT', 'HOST:PORT', '[IPv6]:PORT', 'unix:PATH' or, in the abstract namespace, 'unix:@NAME'. @throws RangeError */
export function parseListen(text: string): ListenAddress {
  const address = listenAddress(text);
  if (address === undefined) throw new RangeError(`no address to listen on: '${text}'`);
  return address;
}

/** Whether a socket's address has room for a path. */
export function isSocketPath(path: string): boolean {
  return Buffer.byteLength(path) <= LONGEST_PATH;
}

/** The same; undefined when it is none of these. */
export function listenAddress(text: string): ListenAddress | undefined {
  if (text.startsWith('unix:')) return pathOf(text.slice('unix:'.length));
  const [, v6, name, digits = ''] = /^(?:(?:\[([^\]]+)\]|([^\s:/[\]]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const host = v6 ?? name;
  if (digits === '' || port > 65535 || (v6 !== undefined && !isIPv6(v6))) return undefined;
  return host === undefined ? { port } : { port, host };
}

/** 'USER', 'USER:GROUP' or ':GROUP', by names or numbers. */
export function parseOwner(text: string): { readonly user: string | undefined; readonly group: string | undefined } {
  const [user, group] = text.split(':');
  return { user: user || undefined, group: group || undefined };
}

function pathOf(text: string): ListenAddress | undefined {
  if (text.includes('\0') || text === '' || text === '@') return undefined;
  const abstract = text.startsWith('@');
  // A path ends with a 0 within its 108 bytes, a name of the abstract namespace begins with one: unix(7).
  const fits = Buffer.byteLength(text) <= (abstract ? LONGEST_PATH + 1 : LONGEST_PATH);
  return fits ? { path: abstract ? text.replace('@', '\0') : text } : undefined;
}
