import type { ListenRequest } from '../channel/messages.js';
import type { ListenAddress } from '../net/address.js';
import { type OpenListener, openListener } from '../net/open-listener.js';
import { modeUnder, type PathOwner } from '../net/unix-path.js';
import type { SocketFacts } from '../policy/listen-sockets.js';
import { close, getsockname, shutdown } from '../posix/index.js';
import { ListenError } from './listen-error.js';

/** A listening socket of the service. */
export interface ServiceSocket extends OpenListener, Omit<SocketFacts, 'mine' | 'others'> {
  /** The umask that its path's permissions were made by last. */
  umask: number | undefined;
  /** Since when no worker holds it; undefined while one does. */
  unheldSince: number | undefined;
}

export interface SocketPathOptions {
  /** The permissions of paths, in place of what the app's umask leaves. */
  readonly socketMode: number | undefined;
  readonly socketOwner: PathOwner | undefined;
}

/** The listening sockets that the service has, in the order in which it got them. */
export class ServiceSockets implements Iterable<ServiceSocket> {
  readonly #options: SocketPathOptions;
  readonly #all = new Map<number, ServiceSocket>();
  readonly #onClose: (socket: ServiceSocket) => void;
  #lastId = 0;

  /** @param onClose told of each one that is closed */
  constructor(options: SocketPathOptions, onClose: (socket: ServiceSocket) => void) {
    this.#options = options;
    this.#onClose = onClose;
  }

  [Symbol.iterator](): Iterator<ServiceSocket> {
    return this.#all.values();
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
      { origin: 'given', ipv6Only: false, reusePort: false, asked: undefined },
    );
  }

  /** @throws ListenError */
  open(address: ListenAddress, request: ListenRequest, origin: ServiceSocket['origin']): ServiceSocket {
    const { backlog, ipv6Only, reusePort, umask } = request;
    const mode = this.#modeUnder(umask);
    const { socketOwner: owner } = this.#options;
    try {
      const listener = openListener(address, {
        ...{ backlog, ipv6Only, reusePort, keepSpare: true, anyLength: true },
        ...(mode !== undefined && { mode }),
        ...(owner !== undefined && { owner }),
      });
      return this.#add(listener, { origin, ipv6Only, reusePort, asked: address }, umask);
    } catch (cause) {
      throw new ListenError(address, cause, settingBehind(cause as NodeJS.ErrnoException, origin));
    }
  }

  /**
   * Makes the path of a socket, which the app may have taken away, lead to it again, with permissions by the app's umask.
   * @returns the socket, or another one in its place when there is no way back to it
   */
  restore(socket: ServiceSocket, request: ListenRequest): ServiceSocket {
    const { path, asked, origin, umask } = socket;
    if (path === undefined || asked === undefined) return socket;
    if (!path.restore()) {
      const successor = this.open(asked, request, origin);
      this.close(socket); // Processes that hold it go on with the clients that they have.
      return successor;
    }
    if (request.umask === undefined || request.umask === umask) return socket;
    const mode = this.#modeUnder(request.umask);
    if (mode !== undefined) path.setMode(mode);
    socket.umask = request.umask;
    return socket;
  }

  close({ id, fd, path }: ServiceSocket): void {
    const socket = this.get(id);
    this.#all.delete(id);
    this.#onClose(socket);
    path?.remove();
    close(fd);
  }

  /** Closes one for the processes that still have a descriptor of it, too: its address is free then. */
  retire(socket: ServiceSocket): void {
    refuse(socket);
    this.close(socket);
  }

  /** Refuses new clients in every process that shares the sockets, except where the socket outlives the service. */
  refuseAll(): void {
    for (const socket of this) if (socket.origin !== 'given') refuse(socket);
  }

  #modeUnder(umask: number | undefined): number | undefined {
    return this.#options.socketMode ?? (umask === undefined ? undefined : modeUnder(umask));
  }

  #add(
    listener: OpenListener,
    facts: Pick<ServiceSocket, 'origin' | 'ipv6Only' | 'reusePort' | 'asked'>,
    umask?: number,
  ): ServiceSocket {
    const socket = { ...listener, ...facts, id: ++this.#lastId, umask, unheldSince: undefined };
    this.#all.set(socket.id, socket);
    return socket;
  }
}

/** Which setting an address or an error comes from, when it is not the app that asked for it. */
function settingBehind({ syscall }: NodeJS.ErrnoException, origin: ServiceSocket['origin']): string | undefined {
  if (syscall === 'lchown') return '--socket-owner';
  return origin === 'override' ? '--listen' : undefined;
}

function refuse({ fd }: ServiceSocket): void {
  try {
    shutdown(fd, 'read');
  } catch (error) {
    // It was before.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTCONN') throw error;
  }
}
