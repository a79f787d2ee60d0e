import type { ListenRequest } from '../../channel/messages.js';
import type { ListenAddress } from '../../net/address.js';
import { type OpenListener, openListener } from '../../net/open-listener.js';
import { modeUnder, type PathOwner } from '../../net/unix-path.js';
import { close, getsockname, shutdown } from '../../posix/index.js';
import type { SocketFacts } from '../policy/listen-sockets.js';
import { ListenError } from './listen-error.js';
import { by, isSame, type Rights } from './listen-rights.js';
import { backlogOf, DONE, type Harm, harmTo, isFiltered, REPAIRED, REPAIRS } from './listener-harm.js';

/** A listening socket of the service. */
export interface ServiceSocket extends OpenListener, Omit<SocketFacts, 'mine' | 'others'> {
  /** The umask that its path's permissions were made by last. */
  umask: number | undefined;
  /** By which it was opened, and by which its path is kept. */
  readonly rights: Rights;
  /** How many connections may wait, as it was asked for, and as the kernel has it: see harmTo(). */
  readonly backlog: number;
  backlogInForce: number | undefined;
  /** It came with a filter of packets, which is not taken off it. */
  readonly filtered: boolean;
  /** What was done to it and could not be made good when it was looked at last, which is told once. */
  lastingHarm: Harm | undefined;
  /** Since when no worker holds it; undefined while one does. */
  unheldSince: number | undefined;
}

export interface SocketPathOptions {
  /** The permissions of paths, in place of what the app's umask leaves. */
  readonly socketMode: number | undefined;
  readonly socketOwner: PathOwner | undefined;
}

/** How a socket is asked for. */
export interface OpenRequest extends Pick<ListenRequest, 'backlog' | 'ipv6Only' | 'reusePort'> {
  readonly umask?: number | undefined;
  readonly rights: Rights;
}

/** The backlog for given sockets: the kernel lowers it to net.core.somaxconn. */
const GREATEST_BACKLOG = 65_535;

/** The listening sockets that the service has, in the order in which it got them. */
export class ServiceSockets implements Iterable<ServiceSocket> {
  readonly #options: SocketPathOptions;
  readonly #all = new Map<number, ServiceSocket>();
  readonly #onClose: (socket: ServiceSocket) => void;
  #lastId = 0;
  /** The service ends. */
  #refuses = false;

  /** @param onClose told of each one that is closed */
  constructor(options: SocketPathOptions, onClose: (socket: ServiceSocket) => void) {
    this.#options = options;
    this.#onClose = onClose;
  }

  [Symbol.iterator](): Iterator<ServiceSocket> {
    return this.#all.values();
  }

  get size(): number {
    return this.#all.size;
  }

  /** @param id of one that there is */
  get(id: number): ServiceSocket {
    return this.#all.get(id) as ServiceSocket;
  }

  of(origin: ServiceSocket['origin']): ServiceSocket[] {
    return [...this].filter((socket) => socket.origin === origin);
  }

  /** Takes one that a service manager has opened. */
  take(fd: number): void {
    this.#add(
      { fd, address: getsockname(fd) },
      {
        ...{ origin: 'given', ipv6Only: false, reusePort: false, asked: undefined },
        ...{ rights: undefined, backlog: GREATEST_BACKLOG },
      },
    );
  }

  /** @throws ListenError */
  open(address: ListenAddress, request: OpenRequest, origin: ServiceSocket['origin']): ServiceSocket {
    const { backlog, ipv6Only, reusePort, umask, rights } = request;
    const mode = this.#modeUnder(umask);
    const { socketOwner: owner } = this.#options;
    const options = {
      ...{ backlog, ipv6Only, reusePort, keepSpare: true, anyLength: true },
      ...(mode !== undefined && { mode }),
      ...(owner !== undefined && { owner }),
    };
    try {
      const listener = by(rights, () => openListener(address, options));
      return this.#add(listener, { origin, ipv6Only, reusePort, asked: address, rights, backlog }, umask);
    } catch (cause) {
      throw new ListenError(address, cause, detailOf(cause as NodeJS.ErrnoException, { origin, rights }));
    }
  }

  /**
   * Makes the path of a socket, which the app may have taken away, lead to it again, with permissions by the app's umask.
   * @returns the socket, or another one in its place when there is no way back to it
   */
  restore(socket: ServiceSocket, request: OpenRequest): ServiceSocket {
    const { path, asked, origin, umask, rights } = socket;
    if (path === undefined || asked === undefined) return socket;
    if (!by(rights, () => path.restore())) {
      const successor = this.open(asked, { ...request, rights }, origin);
      this.close(socket); // Processes that hold it go on with the clients that they have.
      return successor;
    }
    // The permissions of a path are those of its own user's umask.
    if (request.umask === undefined || request.umask === umask || !isSame(rights, request.rights)) return socket;
    const mode = this.#modeUnder(request.umask);
    if (mode !== undefined) by(rights, () => path.setMode(mode));
    socket.umask = request.umask;
    return socket;
  }

  /** To be called while processes begin: an app may take its path away long before it listens. */
  restorePaths(): void {
    for (const { path, rights } of this) if (path !== undefined) by(rights, () => path.restoreIfGone());
  }

  /**
   * Makes good what a process has done to a socket, for all that share it: shut it down, attached a filter that lets no
   * client through, made its queue shorter. A service manager's socket is the same one for ever. Another one, of the unix
   * domain, or whose port the kernel chose, or with a filter that is locked, has no way back: a new one takes its place.
   * @returns what was done, and what came of it, in words; undefined where there is nothing new to tell, or it is to refuse
   * clients
   */
  revive(socket: ServiceSocket): string | undefined {
    if (this.#refuses) return undefined;
    const harm = harmTo(socket);
    const told = socket.lastingHarm;
    socket.lastingHarm = undefined;
    if (harm === undefined) return undefined;
    const outcome = this.#makeGood(socket, harm);
    if (told === harm && socket.lastingHarm === harm) return undefined;
    return `${DONE[harm]} by a process: ${outcome}`;
  }

  close({ id, fd, path, rights }: ServiceSocket): void {
    const socket = this.get(id);
    this.#all.delete(id);
    this.#onClose(socket);
    if (path !== undefined) by(rights, () => path.remove());
    close(fd);
  }

  /** Closes one for the processes that still have a descriptor of it, too: its address is free then. */
  retire(socket: ServiceSocket): void {
    refuse(socket);
    this.close(socket);
  }

  /** Refuses new clients in every process that shares the sockets, except where the socket outlives the service. */
  refuseAll(): void {
    this.#refuses = true;
    for (const socket of this) if (socket.origin !== 'given') refuse(socket);
  }

  /** @returns what came of it, in words; where the harm lasts, the socket says so */
  #makeGood(socket: ServiceSocket, harm: Harm): string {
    try {
      if (REPAIRS[harm](socket)) return REPAIRED[harm];
      if (socket.origin !== 'given') return this.#replace(socket);
    } catch (error) {
      socket.lastingHarm = harm;
      const { cause, message } = error as Error;
      return `it cannot be opened again: ${(cause as Error | undefined)?.message ?? message}`;
    }
    socket.lastingHarm = harm;
    return 'it cannot be as before; restart the unit that made it';
  }

  #replace(socket: ServiceSocket): string {
    const { address, asked } = socket;
    const place =
      asked !== undefined && 'port' in asked && 'port' in address ? { ...asked, port: address.port } : asked;
    if (place === undefined) return 'it stays as it is';
    this.retire(socket);
    this.open(place, socket, socket.origin);
    return 'another one is opened in its place';
  }

  #modeUnder(umask: number | undefined): number | undefined {
    return this.#options.socketMode ?? (umask === undefined ? undefined : modeUnder(umask));
  }

  #add(
    listener: OpenListener,
    facts: Pick<ServiceSocket, 'origin' | 'ipv6Only' | 'reusePort' | 'asked' | 'rights' | 'backlog'>,
    umask?: number,
  ): ServiceSocket {
    const { fd } = listener;
    // A given socket's backlog may be set by the app, which names its descriptor.
    const backlogInForce = facts.origin === 'given' ? undefined : backlogOf(fd);
    const seen = { filtered: isFiltered(fd), backlogInForce };
    const socket = {
      ...listener,
      ...facts,
      ...seen,
      id: ++this.#lastId,
      umask,
      lastingHarm: undefined,
      unheldSince: undefined,
    };
    this.#all.set(socket.id, socket);
    return socket;
  }
}

/** What there is to say to an error: the setting that an address comes from, or whose rights were not enough. */
function detailOf(
  { syscall, code }: NodeJS.ErrnoException,
  { origin, rights }: Pick<ServiceSocket, 'origin' | 'rights'>,
): string | undefined {
  if (syscall === 'lchown') return '--socket-owner';
  if (origin === 'override') return '--listen';
  if (rights === undefined || (code !== 'EACCES' && code !== 'EPERM')) return undefined;
  return `user ${rights.uid} may not; name it by --listen or --allow-listen`;
}

function refuse({ fd }: ServiceSocket): void {
  try {
    shutdown(fd, 'read');
  } catch (error) {
    // It was before.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTCONN') throw error;
  }
}
