import { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { acceptPause, acceptRemedy } from '../policy/accept-error.js';
import { Acceptor, type Address, close, socket, socketpair } from '../posix/index.js';
import type { ClientHandle, ClientHandleClass, Clients } from './clients.js';

/** An open listening socket of the monitor's, in this process. */
export interface SharedListener {
  readonly fd: number;
  readonly address: Address;
}

export interface ListenerHandleOptions {
  readonly listeners: readonly SharedListener[];
  readonly clients: Clients;
  readonly warn: (message: string) => void;
  readonly closed: (handle: ListenerHandle) => void;
}

/**
 * What net.Server has for a handle in a worker: Node's own contract for one that is not libuv's, which node:cluster
 * uses as well. It accepts from the shared open file description, one connection per wake-up.
 */
export class ListenerHandle {
  /** Set by net.Server: takes each connection. */
  onconnection: ((status: number, client: ClientHandle) => void) | undefined;
  /** Gives net.Server.address() its answer; absent for the unix domain, as in Node's Pipe. */
  getsockname: ((out: object) => number) | undefined;
  readonly #options: ListenerHandleOptions;
  readonly #acceptors: Acceptor[] = [];
  #failures = 0;
  #pause: NodeJS.Timeout | undefined;
  #referenced = true;
  #accepting = false;

  constructor(options: ListenerHandleOptions) {
    this.#options = options;
    const [first] = options.listeners;
    if (first !== undefined && first.address.family !== 'unix') {
      this.getsockname = (out) => {
        Object.assign(out, first.address);
        return 0;
      };
    }
  }

  /** Called by net.Server, of which the monitor has done the kernel's part. */
  listen(): number {
    for (const { fd, address } of this.#options.listeners) {
      const Handle = clientHandleClass(address.family === 'unix' ? 'unix' : 'tcp');
      const acceptor = new Acceptor(fd, (result) => this.#take(result, Handle));
      if (!this.#referenced) acceptor.unref();
      this.#acceptors.push(acceptor);
    }
    this.#accepting = true;
    this.update();
    return 0;
  }

  /** Accepts while the worker has room; to be called when that changes. */
  update(): void {
    const accept = this.#accepting && this.#pause === undefined && !this.#options.clients.full;
    for (const acceptor of this.#acceptors) {
      if (accept) acceptor.start();
      else acceptor.stop();
    }
  }

  /** A wake-up that a stopped process has swallowed is made good. */
  rearm(): void {
    for (const acceptor of this.#acceptors) acceptor.rearm();
  }

  /** Takes no more connections; @param drain but those that wait in the queue right now */
  finish(drain: boolean): void {
    for (const acceptor of this.#acceptors) if (drain && !this.#options.clients.full) acceptor.drain();
    this.#accepting = false;
    this.update();
  }

  close(callback?: () => void): void {
    clearTimeout(this.#pause);
    for (const acceptor of this.#acceptors.splice(0)) acceptor.close();
    for (const { fd } of this.#options.listeners) close(fd);
    this.#options.closed(this);
    if (callback) process.nextTick(callback);
  }

  ref(): void {
    this.#referenced = true;
    for (const acceptor of this.#acceptors) acceptor.ref();
  }

  unref(): void {
    this.#referenced = false;
    for (const acceptor of this.#acceptors) acceptor.unref();
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  /** The monitor has set the mode of the path: net.Server's readableAll and writableAll come here. */
  fchmod(): number {
    return 0;
  }

  #take(result: number, Handle: ClientHandleClass): void {
    if (result < 0) {
      this.#failed(getSystemErrorName(result));
      return;
    }
    this.#failures = 0;
    this.onconnection?.(0, this.#options.clients.adopt(result, Handle));
  }

  // When descriptors have run out, say: the queue keeps the connections meanwhile, and siblings take them.
  #failed(code: string): void {
    if (acceptRemedy(code) === 'again') return;
    this.#failures++;
    if (this.#failures === 1) this.#options.warn(`cannot accept for now: ${code}`);
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.update();
    }, acceptPause(this.#failures));
    this.update();
  }
}

const classes = new Map<string, ClientHandleClass>();

// Node hands its handles' classes to nobody, but has them on its objects.
export function clientHandleClass(kind: 'tcp' | 'unix'): ClientHandleClass {
  const known = classes.get(kind);
  if (known !== undefined) return known;
  const [fd, peer] = kind === 'tcp' ? [socket()] : socketpair();
  const sample = new Socket({ fd: fd as number }) as Socket & { _handle: { constructor: ClientHandleClass } };
  const found = sample._handle.constructor;
  sample.destroy();
  if (peer !== undefined) close(peer);
  classes.set(kind, found);
  return found;
}
