import { constants } from 'node:os';
import type { ListenFailure } from '../../channel/messages.js';
import type { ListenAddress } from '../../net/address.js';

/** libuv's UV_UNKNOWN, for what is no system error. */
const UNKNOWN = -4094;
const EADDRINUSE = -constants.errno.EADDRINUSE;

/** Why the service cannot listen on an address, which need not be the one that the app asked for. */
export class ListenError extends Error {
  constructor(
    readonly address: ListenAddress,
    override readonly cause: unknown,
    /** What there is to say beside the words of the cause. */
    readonly detail?: string,
  ) {
    super('cannot listen', { cause });
  }
}

/** What the kernel would say, were the server to open a socket of its own. */
export function addressInUse(address: ListenAddress): ListenError {
  return new ListenError(address, { errno: EADDRINUSE });
}

export function isInUse(error: unknown): boolean {
  const { errno } = ((error as ListenError).cause ?? {}) as NodeJS.ErrnoException;
  return error instanceof ListenError && errno === EADDRINUSE;
}

/** What the app's process is told of an error. */
export function failureOf({ address, cause, detail: given }: ListenError): ListenFailure {
  const { errno = UNKNOWN, message } = cause as NodeJS.ErrnoException;
  const detail = errno === UNKNOWN ? message : given;
  const where =
    'path' in address ? { address: address.path, port: -1 } : { address: address.host ?? '::', port: address.port };
  return { type: 'not listening', errno, ...where, ...(detail !== undefined && { detail }) };
}
