import type { Server } from 'node:net';
import type { ListenFailure } from '../../channel/messages.js';
import {
  descriptorToListenOn,
  type ListenArguments,
  listeningStep,
  setServerHandle,
  setServerPath,
  takeOverListening,
} from '../../node/listening.js';
import { ownInterval } from '../../node/timers.js';
import type { Clients } from '../serving/clients.js';
import { askToListen, type Granted, type ListenChannel } from './ask-to-listen.js';
import { type Asked, askedFor, descriptorFor, inWordsOf, tooLongPath } from './listen-arguments.js';
import { listenError, raiseListenError } from './listen-error.js';
import { ListenFailures } from './listen-failures.js';
import { ListenerHandle, type SharedListener } from './listener-handle.js';

/** How soon to ask again for a socket in place of one that stands in for it, in milliseconds; later each time. */
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 1000;

export interface ListenHookOptions {
  /** This process's own channel to the monitor. */
  readonly channel: () => ListenChannel;
  readonly clients: Clients;
  readonly backlog: number | undefined;
  /** The service has sockets of its own for the app's first server: by --listen, or from a service manager. */
  readonly hasOverrides: boolean;
  /** The app's readableAll and writableAll count for nothing: --socket-mode does. */
  readonly fixedMode: boolean;
  /** Descriptors of listening sockets that were there before the service. */
  readonly inherited: readonly number[];
  readonly warn: (message: string) => void;
  /** Told of each server before it listens. */
  readonly onServer: (server: Server, handle: ListenerHandle) => void;
  /** Told when a server cannot listen. */
  readonly onFailure?: () => void;
}

/** A server that was told to listen, and what it asked for; nothing when it named a descriptor. */
interface Open {
  readonly server: Server;
  readonly asked: Asked | undefined;
  /** It is the app's first server: see `ListenRequest`. */
  first: boolean;
}

/** Takes over net.Server.listen() in a process of the app: the monitor opens and keeps what it listens on. */
export class ListenHook {
  readonly failures: ListenFailures;
  /** The servers that are open, oldest first. */
  readonly #open = new Map<ListenerHandle, Open>();
  /** True in a worker; before the fork no server listens, but waits for it. */
  #serving = false;
  /** How many servers had asked before each one: one that closes and listens again keeps its number. */
  readonly #orders = new WeakMap<Server, number>();
  #count = 0;
  /** The first server, when it closed after it had clients: it may listen again, and no other one is first meanwhile. */
  #absent: Server | undefined;
  #onceServing: (() => void) | undefined;
  /** What the servers do once they may listen. */
  readonly #waiting = new Map<ListenerHandle, () => void>();
  /** Keeps the event loop alive for those that wait, as servers that listen do. */
  readonly #awake = ownInterval(() => {}, 2 ** 31 - 1);
  readonly #options: ListenHookOptions;

  constructor(options: ListenHookOptions) {
    this.#options = options;
    this.failures = new ListenFailures(() => options.onFailure?.());
    // Without a limit there is always room.
    if (options.clients.limit === 0) return;
    options.clients.onChange(() => {
      for (const handle of this.handles) handle.update();
    });
  }

  /** The handles of the servers that are open. */
  get handles(): Iterable<ListenerHandle> {
    return this.#open.keys();
  }

  /** The open servers, oldest first. */
  get servers(): Server[] {
    return [...this.#open.values()].map(({ server }) => server);
  }

  /** How many servers wait for the fork. */
  get waiting(): number {
    return this.#waiting.size;
  }

  install(): void {
    takeOverListening((server, args, proceed) => this.#listen(server, args, proceed));
    this.failures.install();
  }

  /**
   * Before the fork, when no server is to come any more for now: the first one of those that are open gets what was left
   * for it.
   * @returns false when it cannot: its 'error' is raised, and the app may do something about it
   */
  assignFirst(): boolean {
    const first = this.#firstOpen();
    return first === undefined || this.#askAgain(first) || this.#open.has(first);
  }

  /** In a worker: from here on servers listen, first those that wait. @param closed ids of sockets that are no good */
  serve(closed: readonly number[]): void {
    this.#serving = true;
    clearInterval(this.#awake);
    for (const [handle, listen] of [...this.#waiting]) {
      const isClosed = handle.ids.some((id) => closed.includes(id));
      if (!isClosed || this.#askAgain(handle)) listen();
    }
    this.#waiting.clear();
  }

  /** In a worker: calls back once a server listens and has said so, and has not closed at that. */
  onceServing(callback: () => void): void {
    this.#onceServing = callback;
    if (this.#open.size > 0) this.#served();
  }

  #listen(server: Server, args: ListenArguments, proceed: (...args: ListenArguments) => void): void {
    const handle = this.#handleFor(server, args);
    setServerHandle(server, handle);
    if (handle === null) return;
    this.failures.forget(server);
    const [address, ...others] = args;
    const listen = () => {
      this.#options.onServer(server, handle);
      proceed(address || '::', ...others); // Node's own name for any address.
      this.#replaceStandIn(handle, FIRST_RETRY_MS);
    };
    if (!this.#serving) {
      const before = this.#waiting.get(handle); // A server that another one was told to listen by.
      this.#waiting.set(handle, () => {
        before?.();
        handle.context.runInAsyncScope(listen);
      });
      this.#awake.ref();
    } else {
      listen();
      this.#served();
    }
  }

  // Node raises 'listening' in a tick of its own.
  #served(): void {
    setImmediate(() => {
      if (this.#open.size === 0) return;
      this.#onceServing?.();
      this.#onceServing = undefined;
    });
  }

  /** @returns null when it failed, which the server then says */
  #handleFor(server: Server, args: ListenArguments): ListenerHandle | null {
    const fd = descriptorToListenOn(server, args[4]);
    if (fd !== undefined) return this.#handleOf(server, fd, args[3]);
    const tooLong = tooLongPath(args);
    if (tooLong) return this.#fail(server, tooLong);
    const asked = askedFor(args, { order: this.#orderOf(server), backlog: this.#options.backlog });
    const first = this.#isFirst(server, asked);
    const reply = askToListen(this.#options.channel(), asked, first, []);
    if (reply.type === 'not listening') return this.#fail(server, inWordsOf(args, asked, reply));
    if (first) this.#absent = undefined;
    const handle = this.#newHandle({ server, asked, first });
    this.#use(handle, reply);
    return handle;
  }

  // server.listen({ fd }): every process of the app has inherited it. Or listen(other server), whose handle both have.
  #handleOf(server: Server, fd: number, backlog: number): ListenerHandle | null {
    const shared = [...this.#open.keys()].find((handle) => handle.fd === fd);
    if (shared !== undefined) return shared;
    try {
      const given = this.#options.inherited.includes(fd);
      const { address, fd: own } = descriptorFor(fd, this.#options.backlog ?? backlog);
      const handle = this.#newHandle({ server, asked: undefined, first: false });
      handle.use([{ id: -own, fd: own, address, hold: 'own', given }], address);
      if (given) this.#options.channel().send({ type: 'listens on descriptor', fd });
      return handle;
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      return this.#fail(server, { type: 'not listening', errno: errno as number, address: '', port: 0 });
    }
  }

  #newHandle(open: Open): ListenerHandle {
    const { clients, warn, fixedMode } = this.#options;
    const handle = new ListenerHandle({
      clients,
      fixedMode,
      warn,
      lost: (lost) => this.#askAgain(lost),
      closed: (closed, ids) => this.#closed(closed, ids),
    });
    this.#open.set(handle, open);
    return handle;
  }

  #closed(handle: ListenerHandle, ids: readonly number[]): void {
    const { server, first, asked } = this.#open.get(handle) as Open;
    this.#open.delete(handle);
    this.#waiting.delete(handle);
    if (this.#waiting.size === 0) this.#awake.unref();
    if (asked !== undefined) this.#options.channel().send({ type: 'closed', sockets: ids });
    if (!first) return;
    // One that had no client was a probe, say for a free port: another one is the app's first server.
    if (handle.accepted > 0) this.#absent = server;
    else if (this.#serving) this.assignFirst();
  }

  /**
   * Whether a server that is about to ask is the first one. Before the fork, one that asks for any free port gets it at
   * first: it may be a probe that reads its port and closes. See assignFirst().
   */
  #isFirst(server: Server, { address }: Asked): boolean {
    if (!this.#options.hasOverrides) return false;
    if (this.#absent !== undefined) return this.#absent === server;
    const isProbe = 'port' in address && address.port === 0 && !this.#serving;
    return !isProbe && this.#firstOpen() === undefined;
  }

  /** The handle of the first server: the one that has been, or else the oldest one that asked for an address. */
  #firstOpen(): ListenerHandle | undefined {
    if (!this.#options.hasOverrides || this.#absent !== undefined) return undefined;
    const asking = [...this.#open].filter(([, { asked }]) => asked !== undefined);
    const [handle] = asking.find(([, { first }]) => first) ?? asking[0] ?? [];
    return handle;
  }

  /** Asks which sockets a server is to have now. @returns whether it has those */
  #askAgain(handle: ListenerHandle): boolean {
    const open = this.#open.get(handle);
    if (open?.asked === undefined) return false;
    const first = handle === this.#firstOpen();
    const reply = askToListen(this.#options.channel(), open.asked, first, handle.ids);
    if (reply.type === 'listening') {
      open.first = first;
      this.#use(handle, reply);
      return true;
    }
    // One that serves goes on with what it has.
    if (this.#waiting.has(handle)) {
      handle.close();
      setServerHandle(open.server, this.#fail(open.server, reply));
    }
    return false;
  }

  #use(handle: ListenerHandle, { sockets, address, fds }: Granted): void {
    const listeners = sockets.map((socket, i): SharedListener => ({ ...socket, fd: fds[i] as number }));
    handle.use(listeners, address);
    const { server } = this.#open.get(handle) as Open;
    if (address.family === 'unix' && sockets[0]?.hold === 'first') setServerPath(server, address.path);
    // What was left for the first server goes to one that has asked for it by its address.
    for (const other of [...this.#open.keys()]) {
      if (other === handle) continue;
      const taken = other.ids.filter((id) => handle.ids.includes(id));
      for (const id of taken) other.yield(id);
      if (taken.length > 0 && other.ids.length === 0) this.#askAgain(other);
    }
  }

  /** Until its siblings have left the address that stands in the way of the one that it asked for. */
  #replaceStandIn(handle: ListenerHandle, delay: number): void {
    if (!handle.listeners.some(({ hold }) => hold === 'stand-in')) return;
    const retry = () => {
      if (!this.#open.has(handle)) return;
      this.#askAgain(handle);
      this.#replaceStandIn(handle, Math.min(2 * delay, MAX_RETRY_MS));
    };
    setTimeout(retry, delay).unref();
  }

  #fail(server: Server, failure: ListenFailure): null {
    raiseListenError(server, listenError(failure, listeningStep()));
    return null;
  }

  #orderOf(server: Server): number {
    const order = this.#orders.get(server) ?? this.#count++;
    this.#orders.set(server, order);
    return order;
  }
}
