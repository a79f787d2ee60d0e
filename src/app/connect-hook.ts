import { AsyncResource } from 'node:async_hooks';
import dns from 'node:dns';
import net, { isIP, Socket, type TcpSocketConnectOpts } from 'node:net';
import { resolve } from 'node:path';
import { type ConnectTarget, destinationOf, isPath } from '../net/destination.js';
import { clientHandleClass } from './listener-handle.js';

/** What net.Socket's connect() takes; `lookup` is Node's own way to say who finds the address. */
type ConnectOptions = Partial<TcpSocketConnectOpts> & ConnectTarget;
type Callback = (() => void) | null;
type Answer = (error: Error | null, address: unknown, family?: number) => void;
type Lookup = (host: string, options: { readonly all?: boolean }, answer: Answer) => void;

interface SocketHandle {
  readonly fd?: number;
  readonly _parent?: SocketHandle;
  hasRef?(): boolean;
}

type ConnectingSocket = Socket & {
  _handle: SocketHandle | null;
  _parent?: Socket | null;
  _host: string | null;
};

/** Node's reading of connect()'s arguments, which it gives away under this name. */
const { _normalizeArgs: normalizeArgs } = net as unknown as {
  _normalizeArgs(args: unknown[]): [ConnectOptions, Callback];
};

interface Held extends TargetedSocket {
  readonly socket: ConnectingSocket;
  /** The asynchronous context in which the app called connect(). */
  readonly context: AsyncResource;
  /** Goes on where connect() was stopped. */
  proceed: (() => void) | undefined;
}

/** A socket, and where the app told it to connect to. */
export interface TargetedSocket {
  readonly socket: Socket;
  readonly destination: string;
}

export interface ConnectHookOptions {
  /** Destinations whose connects are held until release(). */
  readonly hold: readonly string[];
  /** Told of each connect that is not held. */
  readonly passing?: (socket: Socket, destination: string) => void;
}

/**
 * Takes over net.Socket's connect() in a process of the app: a held one stays as it is while Node looks up the
 * address. So the socket is connecting, buffers what is written, can be destroyed, and goes on in each worker.
 */
export class ConnectHook {
  readonly #hold: ReadonlySet<string>;
  readonly #passing: ((socket: Socket, destination: string) => void) | undefined;
  /** In the order in which they were called. */
  readonly #held = new Map<Socket, Held>();
  readonly #destinations = new WeakMap<object, string>();
  /** Keeps the event loop alive for held connects, as those under way do. */
  readonly #awake = setInterval(() => {}, 2 ** 31 - 1).unref();
  #released = false;

  constructor({ hold, passing }: ConnectHookOptions) {
    this.#hold = new Set(hold.map(comparable));
    this.#passing = passing;
  }

  install(): void {
    const prototype = Socket.prototype as unknown as Record<'connect', (...args: unknown[]) => unknown>;
    const original = prototype.connect;
    const hook = this;
    prototype.connect = function connect(this: ConnectingSocket, ...args: unknown[]) {
      if (!hook.#released && hook.#takes(this, args, original)) return this;
      return original.apply(this, args);
    };
  }

  /** Whether it is to hold any. */
  get isOn(): boolean {
    return this.#hold.size > 0;
  }

  /** The sockets that wait for release(). */
  get held(): readonly TargetedSocket[] {
    for (const [socket] of this.#held) if (!socket.connecting) this.#held.delete(socket);
    return [...this.#held.values()];
  }

  /** Whether any of them keeps the event loop alive: the app may be waiting for it. */
  get keepsAlive(): boolean {
    const keeps = this.held.some(({ socket }) => hasRef(socket as ConnectingSocket));
    if (keeps) this.#awake.ref();
    else this.#awake.unref();
    return keeps;
  }

  /** Where the app told a socket to connect to. */
  destinationOf(socket: object): string | undefined {
    return this.#destinations.get(socket);
  }

  /** In a worker: held connects go on, in their order, and further ones are not held. */
  release(): void {
    this.#released = true;
    clearInterval(this.#awake);
    const held = [...this.#held.values()];
    this.#held.clear();
    for (const { socket, context, proceed } of held) {
      if (!socket.connecting) continue;
      try {
        context.runInAsyncScope(proceed as () => void);
      } catch (error) {
        socket.destroy(error as Error); // A look-up of the app's own may throw; connect() has returned long ago.
      }
    }
  }

  /** @returns whether the connect is done with: it is held */
  #takes(socket: ConnectingSocket, args: unknown[], original: (...args: unknown[]) => unknown): boolean {
    this.#held.delete(socket); // It connects anew.
    const [options, callback] = (Array.isArray(args[0]) ? args[0] : normalizeArgs(args)) as [ConnectOptions, Callback];
    const destination = destinationOf(options);
    // Node's own connect() says what is wrong, or waits for the socket below.
    if (destination === undefined || socket._parent?.connecting) return false;
    this.#destinations.set(socket, destination);
    // A socket that is bound or connected already is nothing that each worker could have of its own.
    const isFresh = (socket._handle?.fd ?? -1) < 0 || socket.destroyed;
    if (!isFresh || !this.#hold.has(comparable(destination))) {
      this.#passing?.(socket, destination);
      return false;
    }
    const context = new AsyncResource('PREFORKCONNECT');
    const held: Held = { socket, destination, context, proceed: undefined };
    if (options.path) holdPath(held, () => original.call(socket, options, callback));
    else holdLookup(held, options, (changed) => original.call(socket, changed, callback));
    if (held.proceed === undefined) return true; // Node has put it off itself.
    this.#held.set(socket, held);
    this.#awake.ref();
    return true;
  }
}

/** Node asks for the address, and gets its answer in the worker; of an address that is given, too. */
function holdLookup(held: Held, options: ConnectOptions, connect: (options: ConnectOptions) => void): void {
  const { lookup, host: given } = options;
  if (lookup != null && typeof lookup !== 'function') {
    connect(options); // It throws.
    return;
  }
  const host = given || 'localhost';
  const family = isIP(host);
  const wait: Lookup = (name, hints, answer) => {
    held.proceed = () => {
      if (family === 0) ((lookup ?? dns.lookup) as Lookup)(name, hints, answer);
      else if (hints.all) answer(null, [{ address: host, family }]);
      else answer(null, host, family);
    };
  };
  const { _host } = held.socket;
  // Derived: all that the app's options have, wherever they have it. An address with a dot is none, and is looked up.
  const own = { host: { value: family === 0 ? host : `${host}.` }, lookup: { value: wait } };
  connect(Object.create(options, own) as ConnectOptions);
  if (family !== 0) held.socket._host = _host;
}

/** A path is not looked up: its handle's own connect is put off. */
function holdPath(held: Held, connect: () => void): void {
  type Connect = (this: object, request: { oncomplete: (...results: unknown[]) => void }, path: string) => number;
  const prototype = clientHandleClass('unix').prototype as unknown as { connect: Connect };
  const original = prototype.connect;
  prototype.connect = function putOff(request, path) {
    held.proceed = () => {
      const error = original.call(this, request, path);
      if (error !== 0) request.oncomplete(error, this, request, true, true);
    };
    return 0;
  };
  try {
    connect();
  } finally {
    prototype.connect = original;
  }
}

/** TLS has its handle above that of the connection. */
function hasRef({ _handle }: ConnectingSocket): boolean {
  const handle = _handle?._parent ?? _handle;
  return handle?.hasRef?.() ?? true;
}

/** A relative path and an absolute one may be the same. A name of the abstract namespace begins with a NUL. */
function comparable(destination: string): string {
  return isPath(destination) && !destination.startsWith('\0') ? resolve(destination) : destination;
}
