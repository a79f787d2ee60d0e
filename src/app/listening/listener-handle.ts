import { AsyncResource } from 'node:async_hooks';
import { chmodSync, statSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import type { SharedSocket } from '../../channel/messages.js';
import { acceptErrorAction, acceptPause } from '../../net/accept-error.js';
import { handleClassOf, SERVER } from '../../node/connections.js';
import type { ServerHandle } from '../../node/listening.js';
import { Acceptor, type Address, close, dup, setDeferAccept, socket, socketpair } from '../../posix/index.js';
import type { OwnConnection } from '../connecting/own-server.js';
import { type ClientHandle, type ClientHandleClass, type Clients, ownClient } from '../serving/clients.js';

/** libuv's modes of uv_pipe_chmod(), and what they set. */
const MODES = [
  { flag: 1 /* UV_READABLE */, bits: 0o444 },
  { flag: 2 /* UV_WRITABLE */, bits: 0o222 },
];

/** How long the kernel keeps a silent connection; after that it is accepted when its client shows that it lives. */
const DEFER_SECONDS = 5;

/** An open listening socket, in this process. */
export interface SharedListener extends SharedSocket {
  readonly fd: number;
}

export interface ListenerHandleOptions {
  readonly clients: Clients;
  /** The app does not set the permissions of paths: --socket-mode does. */
  readonly fixedMode: boolean;
  readonly warn: (message: string) => void;
  /** A socket of its does not listen any more: the monitor has closed it, and knows of another one. */
  readonly lost: (handle: ListenerHandle) => void;
  readonly closed: (handle: ListenerHandle, ids: readonly number[]) => void;
}

/** What net.Server has for a handle in a worker. It accepts from shared open file descriptions, one connection per wake-up. */
export class ListenerHandle implements ServerHandle {
  onconnection: ((status: number, client: ClientHandle) => void) | undefined;
  getsockname: ((out: object) => number) | undefined;
  /** How many connections it has taken. */
  accepted = 0;
  /** The asynchronous context in which the app called listen(): 'listening' and 'connection' are raised in it. */
  readonly context = new AsyncResource('PREFORKLISTEN');
  readonly #options: ListenerHandleOptions;
  #listeners: readonly SharedListener[] = [];
  readonly #acceptors = new Map<number, Acceptor>();
  #failures = 0;
  #pause: NodeJS.Timeout | undefined;
  #referenced = true;
  /** listen() was called, and neither finish() nor close() since. */
  #accepting = false;
  #listening = false;
  /** A handle of Node's own, and the id of the socket that it is on. */
  #native: { readonly id: number; readonly handle: ClientHandle } | undefined;
  /** Several servers that listen by it close it several times. */
  #closed = false;
  /** Connections of this process to itself that wait until the server listens. */
  #own: OwnConnection[] = [];

  constructor(options: ListenerHandleOptions) {
    this.#options = options;
  }

  /** What it accepts from, or will once it listens. */
  get listeners(): readonly SharedListener[] {
    return this.#listeners;
  }

  /** As Node's handles have it, so that listen() takes a server, or what it listens by, as the place for another one. */
  get fd(): number {
    return this.#listeners[0]?.fd ?? -1;
  }

  get ids(): number[] {
    return this.#listeners.map(({ id }) => id);
  }

  /** Accepts from these sockets and no others from now on; those that it has already it keeps. @param address it names */
  use(listeners: readonly SharedListener[], address: Address): void {
    const before = this.#listeners;
    this.#listeners = listeners.map((listener) => {
      const known = before.find(({ id }) => id === listener.id);
      if (known !== undefined) close(listener.fd);
      return known === undefined ? listener : { ...listener, fd: known.fd };
    });
    for (const { id, fd } of before) if (!this.ids.includes(id)) this.#drop(id, fd);
    this.#setAddress(address);
    this.update();
  }

  /** Another server of this process has the socket from here on. */
  yield(id: number): void {
    const listener = this.#listeners.find((each) => each.id === id);
    if (listener === undefined) return;
    this.#listeners = this.#listeners.filter((each) => each !== listener);
    this.#drop(id, listener.fd);
  }

  /** A handle of Node's on its first socket, for child.send(); null where it has none. It is closed with that socket. */
  native(): ClientHandle | null {
    const [first] = this.#listeners;
    if (this.#native?.id !== first?.id) this.#closeNative();
    if (first === undefined) return null;
    this.#native ??= { id: first.id, handle: nativeHandle(first) };
    return this.#native.handle;
  }

  /** Called by net.Server, of which the monitor has done the kernel's part. @returns 0 or a negative errno */
  listen(): number {
    const error = this.#openAcceptors();
    if (error !== undefined) return error.errno as number;
    this.#listening = true;
    this.#accepting = true;
    this.update();
    for (const connection of this.#own.splice(0)) this.takeOwn(connection);
    return 0;
  }

  /** Takes a connection of this process to itself. It is no client, which a worker that leaves would wait for. */
  takeOwn(connection: OwnConnection): void {
    if (this.#closed) close(connection.server);
    else if (this.#listening) setImmediate(() => this.#takeOwn(connection));
    else this.#own.push(connection);
  }

  /** Accepts while the worker has room; to be called when that changes. */
  update(): void {
    const error = this.#listening && this.#pause === undefined ? this.#openAcceptors() : undefined;
    if (error) this.#failed(error.code as string);
    const accept = this.#accepting && this.#pause === undefined && !this.#options.clients.full;
    for (const acceptor of this.#acceptors.values()) {
      if (accept) acceptor.start();
      else acceptor.stop();
    }
  }

  /** A wake-up that a stopped process has swallowed is made good. */
  rearm(): void {
    for (const acceptor of this.#acceptors.values()) acceptor.rearm();
  }

  /**
   * Takes no more connections.
   * @param drain but those that wait in the queue right now, except where the socket outlives the service
   */
  finish(drain: boolean): void {
    for (const { id, given } of this.#listeners) {
      if (drain && !given && !this.#options.clients.full) this.#acceptors.get(id)?.drain();
    }
    this.#accepting = false;
    this.update();
  }

  close(callback?: () => void): void {
    clearTimeout(this.#pause);
    this.#accepting = false;
    const { ids } = this;
    for (const { id, fd } of this.#listeners) this.#drop(id, fd);
    this.#listeners = [];
    if (!this.#closed) this.#options.closed(this, ids);
    this.#closed = true;
    for (const { server } of this.#own.splice(0)) close(server);
    if (callback) process.nextTick(callback);
  }

  #closeNative(): void {
    this.#native?.handle.close();
    this.#native = undefined;
  }

  /** A connection over TCP on which nothing was sent stays in the kernel for some seconds, and is not accepted. */
  deferAccept(): void {
    for (const { fd, address } of this.#listeners) if (address.family !== 'unix') setDeferAccept(fd, DEFER_SECONDS);
  }

  ref(): void {
    this.#referenced = true;
    for (const acceptor of this.#acceptors.values()) acceptor.ref();
  }

  unref(): void {
    this.#referenced = false;
    for (const acceptor of this.#acceptors.values()) acceptor.unref();
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  /** net.Server's readableAll and writableAll come here. @returns 0 or a negative errno */
  fchmod(mode: number): number {
    if (this.#options.fixedMode) return 0;
    const bits = MODES.reduce((all, { flag, bits }) => (mode & flag ? all | bits : all), 0);
    try {
      for (const { address, given } of this.#listeners) {
        if (address.family === 'unix' && !given) chmodSync(address.path, statSync(address.path).mode | bits);
      }
      return 0;
    } catch (error) {
      return (error as NodeJS.ErrnoException).errno as number;
    }
  }

  /** Where a socket does not listen any more. */
  #isReplaced(): boolean {
    const before = this.ids;
    this.#options.lost(this);
    return this.ids.some((id) => !before.includes(id));
  }

  /** @returns why one of its sockets cannot be accepted from: descriptors have run out, say */
  #openAcceptors(): NodeJS.ErrnoException | undefined {
    try {
      for (const { id, fd, address } of this.#listeners) {
        if (this.#acceptors.has(id)) continue;
        const Handle = clientHandleClass(address.family === 'unix' ? 'unix' : 'tcp');
        const acceptor = new Acceptor(fd, (result) => this.#take(result, Handle));
        if (!this.#referenced) acceptor.unref();
        this.#acceptors.set(id, acceptor);
      }
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).errno === undefined) throw error;
      return error as NodeJS.ErrnoException;
    }
  }

  #drop(id: number, fd: number): void {
    this.#acceptors.get(id)?.close();
    this.#acceptors.delete(id);
    if (this.#native?.id === id) this.#closeNative();
    close(fd);
  }

  #setAddress(address: Address): void {
    if (address.family === 'unix') {
      this.getsockname = undefined;
      return;
    }
    this.getsockname = (out) => {
      Object.assign(out, address);
      return 0;
    };
  }

  #take(result: number, Handle: ClientHandleClass): void {
    if (result < 0) {
      this.#failed(getSystemErrorName(result));
      return;
    }
    this.#failures = 0;
    this.accepted++;
    if (this.onconnection === undefined) return;
    this.context.runInAsyncScope(this.onconnection, this, 0, this.#options.clients.adopt(result, Handle));
  }

  #takeOwn({ server, serverTells }: OwnConnection): void {
    if (this.#closed || this.onconnection === undefined) {
      close(server);
      return;
    }
    const isTcp = serverTells.getsockname !== undefined;
    const client = ownClient(server, clientHandleClass(isTcp ? 'tcp' : 'unix'), serverTells);
    this.context.runInAsyncScope(this.onconnection, this, 0, client);
  }

  // When descriptors have run out, say: the queue keeps the connections meanwhile, and siblings take them.
  #failed(code: string): void {
    if (acceptErrorAction(code) === 'again') return;
    // It looks into the queue once more when the service ends, which may have the socket refuse clients already.
    if (code === 'EINVAL' && (!this.#accepting || this.#isReplaced())) return;
    this.#failures++;
    if (this.#failures === 1) this.#options.warn(`cannot accept for now: ${code}`);
    clearTimeout(this.#pause); // finish() looks into the queue during a pause, too.
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.update();
    }, acceptPause(this.#failures));
    this.update();
  }
}

function nativeHandle({ fd, address }: SharedListener): ClientHandle {
  const handle = new (clientHandleClass(address.family === 'unix' ? 'unix' : 'tcp'))(SERVER);
  handle.open(dup(fd, { cloexec: true }));
  return handle;
}

const classes = new Map<string, ClientHandleClass>();

export function clientHandleClass(kind: 'tcp' | 'unix'): ClientHandleClass {
  const known = classes.get(kind);
  if (known !== undefined) return known;
  const [fd, peer] = kind === 'tcp' ? [socket()] : socketpair();
  const found = handleClassOf(fd as number) as ClientHandleClass;
  if (peer !== undefined) close(peer);
  classes.set(kind, found);
  return found;
}
