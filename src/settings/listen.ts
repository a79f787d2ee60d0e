import { isIPv6 } from 'node:net';

/** Where to listen; without a host, on all addresses. */
export type ListenAddress = { readonly port: number; readonly host?: string } | { readonly path: string };

/** The size of sun_path, without its final 0: unix(7). */
const LONGEST_PATH = 107;

/** 'PORT', 'HOST:PORT', '[IPv6]:PORT' or 'unix:PATH'. @throws RangeError */
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
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    return path !== '' && !path.includes('\0') && isSocketPath(path) ? { path } : undefined;
  }
  const [, v6, name, digits = ''] = /^(?:(?:\[([^\]]+)\]|([^\s:/[\]]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const host = v6 ?? name;
  if (digits === '' || port > 65535 || (v6 !== undefined && !isIPv6(v6))) return undefined;
  return host === undefined ? { port } : { port, host };
}
