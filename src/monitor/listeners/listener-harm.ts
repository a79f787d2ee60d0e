import { isDeepStrictEqual } from 'node:util';
import {
  type Address,
  detachFilter,
  disconnect,
  getListenQueue,
  getsockname,
  hasFilter,
  isListening,
  listen,
  poll,
} from '../../posix/index.js';

/** What any process that shares a listening socket can do to it for all of them. */
export type Harm = 'shut down' | 'connected' | 'filtered' | 'shortened';

/** A listening socket as it is to be. */
export interface Sound {
  readonly fd: number;
  readonly address: Address;
  /** The backlog that it was asked to have. */
  readonly backlog: number;
  /** The backlog that the kernel gave it at first; undefined where it does not tell. */
  backlogInForce: number | undefined;
  /** It had a filter at first. */
  readonly filtered: boolean;
}

/** What was done to a socket since; undefined where nothing is seen. */
export function harmTo({ fd, filtered, backlogInForce }: Sound): Harm | undefined {
  if (isShutDown(fd)) return 'shut down';
  if (isConnected(fd)) return 'connected';
  if (!filtered && isFiltered(fd)) return 'filtered';
  return backlogInForce !== undefined && backlogOf(fd) !== backlogInForce ? 'shortened' : undefined;
}

/** What was done to a socket, in words that follow its address. */
export const DONE: Readonly<Record<Harm, string>> = {
  'shut down': 'was shut down',
  connected: 'was made to connect to somebody',
  filtered: 'was given a filter of packets',
  shortened: 'was given another backlog',
};

/** How each is repaired. @returns whether that has succeeded */
export const REPAIRS: Readonly<Record<Harm, (socket: Sound) => boolean>> = {
  'shut down': listensAgain,
  connected: (socket) => {
    disconnect(socket.fd);
    return listensAgain(socket);
  },
  filtered: losesFilter,
  shortened: (socket) => {
    listen(socket.fd, socket.backlog);
    socket.backlogInForce = backlogOf(socket.fd); // The system's own limit may have changed as well.
    return true;
  },
};

/** What the repair has brought about, in words. */
export const REPAIRED: Readonly<Record<Harm, string>> = {
  'shut down': 'it listens again',
  connected: 'it listens again',
  filtered: 'it is taken off',
  shortened: 'it has its own again',
};

export function isFiltered(fd: number): boolean {
  try {
    return hasFilter(fd);
  } catch {
    return false; // It is looked at again.
  }
}

/** Undefined in the unix domain, and where the kernel does not tell just now. */
export function backlogOf(fd: number): number | undefined {
  try {
    return getListenQueue(fd).backlog;
  } catch {
    return undefined;
  }
}

function isShutDown(fd: number): boolean {
  try {
    return poll(fd, 'hangup', 0);
  } catch {
    return false; // It is looked at again.
  }
}

/** A socket of TCP that is disconnected by connect(2) may become a client's, which neither hangs up nor listens. */
function isConnected(fd: number): boolean {
  try {
    return !isListening(fd);
  } catch {
    return false; // It is looked at again.
  }
}

/** listen(2) revives a socket of TCP, at the same address only where its port was asked for by number. */
function listensAgain({ fd, address, backlog }: Sound): boolean {
  if (address.family === 'unix') return false;
  listen(fd, backlog);
  return isDeepStrictEqual(getsockname(fd), address);
}

/** One that is locked stays for ever: SO_LOCK_FILTER in socket(7). */
function losesFilter({ fd }: Sound): boolean {
  try {
    detachFilter(fd);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return false;
    throw error;
  }
}
