import { constants } from 'node:os';
import { resolve } from 'node:path';
import type { ListenFailure, ListenRequest } from '../../channel/messages.js';
import { isAbstract, MAX_PATH_BYTES } from '../../net/address.js';
import { FILLS_ABSTRACT_NAMES, type ListenArguments } from '../../node/listening.js';
import { type Address, close, dup, getsockname, isListening, listen } from '../../posix/index.js';
import { StatusFile } from '../../proc/status-file.js';

/** What a server asks for, whatever the state that it and others are in. */
export type Asked = Omit<ListenRequest, 'first' | 'has'>;

/** UV_TCP_IPV6ONLY and UV_TCP_REUSEPORT */
const IPV6_ONLY = 1;
const REUSE_PORT = 2;
/** net.Server's addressType of a path. */
const UNIX = -1;
/** Node's default. */
const BACKLOG = 511;

/** What these arguments ask for. @param settings the backlog goes before the app's */
export function askedFor(
  [address, port, addressType, backlog, , flags]: ListenArguments,
  settings: { readonly order: number; readonly backlog: number | undefined },
): Asked {
  const common = { order: settings.order, backlog: settings.backlog ?? (backlog || BACKLOG) };
  if (addressType === UNIX) {
    return { ...common, address: { path: absolute(address ?? '') }, ...NO_FLAGS, ...umask() };
  }
  return {
    ...common,
    address: { port, ...(address && { host: address }) },
    ipv6Only: Boolean((flags ?? 0) & IPV6_ONLY),
    reusePort: Boolean((flags ?? 0) & REUSE_PORT),
  };
}

const NO_FLAGS = { ipv6Only: false, reusePort: false };

/** A descriptor of its own of the socket that an app names by descriptor, listening. @throws EBADF, ENOTSOCK, … */
export function descriptorFor(fd: number, backlog: number): { readonly fd: number; readonly address: Address } {
  const own = dup(fd, { cloexec: true });
  try {
    const address = getsockname(own);
    if (!isListening(own)) listen(own, backlog || BACKLOG);
    return { fd: own, address };
  } catch (error) {
    close(own);
    throw error;
  }
}

/** The failure where these arguments name a path that no socket can have. Relative ones may lead further than that. */
export function tooLongPath([address, , addressType]: ListenArguments): ListenFailure | undefined {
  const path = addressType === UNIX ? (address ?? '') : '';
  if (isAbstract(path) || Buffer.byteLength(path) <= MAX_PATH_BYTES) return undefined;
  return { type: 'not listening', errno: -constants.errno.ENAMETOOLONG, address: path, port: -1 };
}

/** What is asked for failed in this process. */
export function failureFor({ address }: Asked, { errno = 0 }: NodeJS.ErrnoException): ListenFailure {
  const tried =
    'path' in address ? { address: address.path, port: -1 } : { address: address.host ?? '::', port: address.port };
  return { type: 'not listening', errno, ...tried };
}

/** The monitor may be in another folder. */
function absolute(path: string): string {
  return isAbstract(path) ? abstractName(path) : resolve(path);
}

/** The app's clients may fill it up as well. */
function abstractName(name: string): string {
  return FILLS_ABSTRACT_NAMES ? name + '\0'.repeat(Math.max(0, MAX_PATH_BYTES + 1 - Buffer.byteLength(name))) : name;
}

/** Read where it can be without being set for a moment, which other threads would see: proc_pid_status(5), Linux 4.7. */
function umask(): { umask?: number } {
  try {
    const digits = new StatusFile('self').field('Umask');
    return digits === undefined ? {} : { umask: Number.parseInt(digits, 8) };
  } catch {
    return { umask: process.umask() }; // No descriptor is free, say.
  }
}

/** A path as the app has written it. */
export function inWordsOf(
  [address]: ListenArguments,
  { address: asked }: Asked,
  failure: ListenFailure,
): ListenFailure {
  const isAsked = 'path' in asked && asked.path === failure.address;
  return isAsked && address ? { ...failure, address } : failure;
}
