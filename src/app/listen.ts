import { Server } from 'node:net';
import { resolve } from 'node:path';
import type { BlockingChannel } from '../channel/blocking.js';
import type { ListenRequest } from '../channel/messages.js';
import { close, dup, getsockname } from '../posix/index.js';
import type { Clients } from './clients.js';
import { ListenerHandle, type SharedListener } from './listener-handle.js';

/** net.Server's step from an address to a listening handle: all of its ways to listen lead here. */
type Listen2 = (
  this: ListeningServer,
  address: string | null,
  port: number,
  addressType: number,
  backlog: number,
  fd?: number,
  flags?: number,
) => void;

type ListenArguments = Parameters<Listen2>;

export type ListeningServer = Server & {
  _handle: (ListenerHandle & { readonly fd?: number }) | null;
  _listen2: Listen2;
};

/** UV_TCP_IPV6ONLY */
const IPV6_ONLY = 1;
/** net.Server's addressType of a path. */
const UNIX = -1;
const EADDRINUSE = -98;

export interface ListenHookOptions {
  /** To the monitor: this process's own. */
  readonly channel: () => Pick<BlockingChannel, 'send' | 'receive' | 'take'>;
  readonly clients: Clients;
  readonly backlog: number | undefined;
  readonly warn: (message: string) => void;
  /** Told of each server before it listens. */
  readonly onServer: (server: Server) => void;
}

/** Takes over net.Server.listen() in a process of the app: the monitor opens and keeps what it listens on. */
export class ListenHook {
  /** Of the servers that listen here. */
  readonly handles = new Set<ListenerHandle>();
  /** True in a worker; before the fork no server listens, but waits for it. */
  #serving = false;
  /** The place of each among those that have listened: one that closes and listens again keeps it. */
  readonly #orders = new WeakMap<Server, number>();
  #count = 0;
  #onceServing: (() => void) | undefined;
  readonly #waiting: (() => void)[] = [];
  /** Keeps the event loop alive for those that wait, as servers that listen do. */
  readonly #awake = setInterval(() => {}, 2 ** 31 - 1).unref();
  /** The listeners that this process has, by the monitor's key: the same one twice is in use. */
  readonly #held = new Set<string>();
  readonly #options: ListenHookOptions;

  constructor(options: ListenHookOptions) {
    this.#options = options;
    // Without a limit there is always room.
    if (options.clients.limit === 0) return;
    options.clients.onChange(() => {
      for (const handle of this.handles) handle.update();
    });
  }

  /** The servers that called listen() before the fork. */
  get waiting(): number {
    return this.#waiting.length;
  }

  install(): void {
    const prototype = Server.prototype as ListeningServer;
    const original = prototype._listen2;
    const hook = this;
    prototype._listen2 = function listen2(...args) {
      hook.#listen(this, args, original);
    };
  }

  /** In a worker: from here on servers listen, first those that wait. */
  serve(): void {
    this.#serving = true;
    clearInterval(this.#awake);
    for (const listen of this.#waiting.splice(0)) listen();
  }

  /** In a worker: calls back once servers listen and have said so. */
  onceServing(callback: () => void): void {
    this.#onceServing = callback;
    if (this.handles.size > 0) this.#served();
  }

  #listen(server: ListeningServer, args: ListenArguments, original: Listen2): void {
    const opened = this.#open(server, args);
    server._handle = opened;
    const [address, ...others] = args;
    const listen = () => {
      if (server._handle !== opened) return; // It was closed meanwhile.
      this.#options.onServer(server);
      original.call(server, address || '::', ...others); // Node's own name for any address, in its errors.
    };
    if (!this.handles.has(opened))
      listen(); // To fail at once.
    else if (!this.#serving) {
      this.#waiting.push(listen);
      this.#awake.ref();
    } else {
      listen();
      this.#served();
    }
  }

  // Node raises 'listening' in a tick of its own.
  #served(): void {
    setImmediate(() => {
      this.#onceServing?.();
      this.#onceServing = undefined;
    });
  }

  #open(server: ListeningServer, args: ListenArguments): ListenerHandle {
    const inherited = args[4] ?? server._handle?.fd;
    if (inherited !== undefined) return this.#openInherited(inherited);
    const reply = this.#ask(server, args);
    if (reply.type === 'not listening') return failing(reply.errno);
    const fds = this.#options.channel().take(reply.addresses.length);
    if (this.#held.has(reply.key)) {
      for (const fd of fds) close(fd);
      return failing(EADDRINUSE);
    }
    this.#held.add(reply.key);
    const listeners = reply.addresses.map((address, i) => ({ fd: fds[i] as number, address }));
    return this.#handle(listeners, () => this.#held.delete(reply.key));
  }

  // server.listen({ fd }): every process of the app has inherited it.
  #openInherited(fd: number): ListenerHandle {
    try {
      const own = dup(fd, { cloexec: true });
      return this.#handle([{ fd: own, address: getsockname(own) }], () => {});
    } catch (error) {
      return failing((error as NodeJS.ErrnoException).errno as number);
    }
  }

  #handle(listeners: readonly SharedListener[], released: () => void): ListenerHandle {
    const { clients, warn } = this.#options;
    const closed = (handle: ListenerHandle) => {
      this.handles.delete(handle);
      released();
    };
    const handle = new ListenerHandle({ listeners, clients, warn, closed });
    this.handles.add(handle);
    return handle;
  }

  #ask(server: Server, [address, port, addressType, backlog, , flags = 0]: ListenArguments) {
    const request: ListenRequest = {
      address: addressType === UNIX ? absolute(address ?? '') : address || null,
      port,
      addressType,
      backlog: this.#options.backlog ?? (backlog || 511),
      ipv6Only: (flags & IPV6_ONLY) !== 0,
      order: this.#orderOf(server),
    };
    const channel = this.#options.channel();
    channel.send({ type: 'listen', ...request });
    const reply = channel.receive();
    // The monitor is gone, and this process with it.
    if (reply === undefined || reply.type === 'fork' || reply.type === 'turn') process.exit(1);
    return reply;
  }

  #orderOf(server: Server): number {
    const order = this.#orders.get(server) ?? this.#count++;
    this.#orders.set(server, order);
    return order;
  }
}

/** A handle whose listen() fails: net.Server then reports it as it reports its own. */
function failing(errno: number): ListenerHandle {
  return { listen: () => errno, close: () => {} } as unknown as ListenerHandle;
}

/** The monitor may be in another folder. A name of the abstract namespace begins with a NUL. */
function absolute(path: string): string {
  return path.startsWith('\0') ? path : resolve(path);
}
