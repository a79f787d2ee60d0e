import { AsyncResource } from 'node:async_hooks';
import dns from 'node:dns';
import { isIP, type Socket } from 'node:net';
import { constants } from 'node:os';
import type { Connects, TargetedSocket } from '../../fork-safety/connects.js';
import { absolute, destinationOf, isPath } from '../../net/destination.js';
import {
  type ConnectOptions,
  connectArguments,
  connectByDescriptor,
  isAboveConnecting,
  keepingHost,
  putOffHandlesConnect,
} from '../../node/connecting.js';
import { connectionHandleOf } from '../../node/connections.js';
import { descriptorOf } from '../../node/handles.js';
import { overrideConnect } from '../../node/methods.js';
import { close } from '../../posix/index.js';
import { clientHandleClass, type ListenerHandle } from '../listening/listener-handle.js';
import { connectToOwn, type OwnConnection } from './own-server.js';

const { errno } = constants;
/** Where the name of the own machine leads to. */
const LOCAL = { address: '127.0.0.1', family: 4 };

type Answer = (error: Error | null, address: unknown, family?: number) => void;
type Lookup = (host: string, options: { readonly all?: boolean }, answer: Answer) => void;

interface Held extends TargetedSocket {
  /** The asynchronous context in which the app called connect(). */
  readonly context: AsyncResource;
  /** Goes on where connect() was stopped. @param local where a name leads to this machine, which is not looked up */
  proceed: ((local: boolean) => void) | undefined;
  /** The app itself looks names up. */
  readonly looksUp: boolean;
  readonly isUnix: boolean;
}

type OwnServer = Pick<ListenerHandle, 'listeners' | 'takeOwn'>;

export interface ConnectHookOptions {
  /** Destinations whose connects are held until release(). */
  readonly hold: readonly string[];
  /** Told of each connect that is not held. */
  readonly passing?: (socket: Socket, destination: string) => void;
  /** Told of each one that is held. */
  readonly holding?: (socket: Socket, destination: string) => void;
  /** Whether a connect that is to be held passes all the same, just now. */
  readonly passes?: () => boolean;
  /** Whether a connect fails as if nobody listened there; not asked of a server of this process. */
  readonly refuses?: (destination: string) => boolean;
  /** In a worker: the server of this process that a destination leads to. */
  readonly ownServer?: (destination: string) => OwnServer | undefined;
}

/**
 * Takes over net.Socket's connect() in a process of the app: a held one stays as it is while Node looks up the
 * address. So the socket is connecting, buffers what is written, can be destroyed, and goes on in each worker.
 */
export class ConnectHook implements Connects {
  readonly #hold: ReadonlySet<string>;
  readonly #options: ConnectHookOptions;
  /** The connects that are held, in the order in which they were called. */
  readonly #held = new Map<Socket, Held>();
  readonly #destinations = new WeakMap<object, string>();
  /** Keeps the event loop alive for held connects, as those under way do. */
  readonly #awake = setInterval(() => {}, 2 ** 31 - 1).unref();
  #released = false;

  constructor(options: ConnectHookOptions) {
    this.#hold = new Set(options.hold.map(comparable));
    this.#options = options;
  }

  install(): void {
    const hook = this;
    overrideConnect(
      (original) =>
        function connect(this: Socket, ...args: unknown[]) {
          if (hook.#takes(this, args, original)) return this;
          return original.apply(this, args);
        },
    );
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
    const keeps = this.held.some(({ socket }) => hasRef(socket));
    if (keeps) this.#awake.ref();
    else this.#awake.unref();
    return keeps;
  }

  /** Where the app told a socket to connect to. */
  destinationOf(socket: object): string | undefined {
    return this.#destinations.get(socket);
  }

  /** In a worker: held connects go on, in their order. Of further ones only those to a server of its own are taken over. */
  release(): void {
    this.#released = true;
    clearInterval(this.#awake);
    for (const held of [...this.#held.values()]) this.#proceed(held);
  }

  #proceed(held: Held): void {
    const { socket, context, destination, proceed, looksUp } = held;
    this.#held.delete(socket);
    if (!socket.connecting) return;
    const server = looksUp ? undefined : this.#options.ownServer?.(destination);
    try {
      context.runInAsyncScope(() => {
        if (server === undefined || !reachOwn(held, server)) proceed?.(false);
      });
    } catch (error) {
      socket.destroy(error as Error); // A look-up of the app's own may throw; connect() has returned long ago.
    }
  }

  /** @returns whether the connect is done with: it is held */
  #takes(socket: Socket, args: unknown[], original: (...args: unknown[]) => unknown): boolean {
    this.#held.delete(socket); // It connects anew.
    const [options, callback] = connectArguments(args);
    const destination = destinationOf(options);
    // Node's own connect() says what is wrong, or waits for the socket below.
    if (destination === undefined || isAboveConnecting(socket)) return false;
    const isOwn = this.#options.ownServer?.(destination) !== undefined;
    const isRefused = !isOwn && this.#options.refuses?.(destination) === true;
    if (this.#released && !isOwn && !isRefused) return false;
    this.#destinations.set(socket, destination);
    // A socket that is bound or connected already is nothing that each worker could have of its own.
    const isFresh = descriptorOf(socket) === undefined || socket.destroyed;
    if (!isFresh || !(this.#released || isRefused || this.#isToHold(destination))) {
      if (!this.#released) this.#options.passing?.(socket, destination);
      return false;
    }
    const context = new AsyncResource('PREFORKCONNECT');
    const looksUp = options.lookup != null;
    const held: Held = { socket, destination, context, proceed: undefined, looksUp, isUnix: Boolean(options.path) };
    if (options.path) {
      const connect = () => original.call(socket, options, callback);
      held.proceed = putOffHandlesConnect(clientHandleClass('unix'), connect);
    } else holdLookup(held, options, (changed) => original.call(socket, changed, callback));
    if (held.proceed === undefined) return true; // Node has put it off itself.
    if (isRefused) {
      setImmediate(() => context.runInAsyncScope(() => socket.connecting && socket.destroy(refusal(options))));
      return true;
    }
    this.#held.set(socket, held);
    if (this.#released) {
      setImmediate(() => this.#proceed(held));
      return true;
    }
    this.#awake.ref();
    this.#options.holding?.(socket, destination);
    return true;
  }

  #isToHold(destination: string): boolean {
    return this.#hold.has(comparable(destination)) && !this.#options.passes?.();
  }
}

/**
 * Connects a worker to itself, as under plain node. By way of the address it would reach one of its siblings, and lose
 * the connection when that one dies or is replaced.
 * @returns false where nothing was done
 */
function reachOwn({ destination, isUnix, proceed }: Held, server: OwnServer): boolean {
  const listener = server.listeners.find(({ address }) => (address.family === 'unix') === isUnix);
  if (listener === undefined) return false;
  let connection: OwnConnection;
  try {
    connection = connectToOwn(destination, listener.address);
  } catch {
    return false; // No descriptor is free, say.
  }
  const Handle = clientHandleClass(isUnix ? 'unix' : 'tcp');
  const { client, clientTells } = connection;
  if (connectByDescriptor(Handle, client, clientTells, () => proceed?.(true))) server.takeOwn(connection);
  else for (const fd of [client, connection.server]) close(fd);
  return true;
}

/** The error of a connect to where nobody listens. */
function refusal({ path, host = 'localhost', port }: ConnectOptions): Error {
  const address = path ?? (isIP(host) === 0 ? LOCAL.address : host);
  const place = path === undefined ? { address, port: Number(port) } : { address };
  const error = new Error(`connect ECONNREFUSED ${Object.values(place).join(':')}`);
  return Object.assign(error, { errno: -errno.ECONNREFUSED, code: 'ECONNREFUSED', syscall: 'connect', ...place });
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
    held.proceed = (local) => {
      if (family === 0 && !local) ((lookup ?? dns.lookup) as Lookup)(name, hints, answer);
      else {
        const known = family === 0 ? LOCAL : { address: host, family };
        if (hints.all) answer(null, [known]);
        else answer(null, known.address, known.family);
      }
    };
  };
  // Derived: all that the app's options have, wherever they have it. An address with a dot is none, and is looked up.
  const own = { host: { value: family === 0 ? host : `${host}.` }, lookup: { value: wait } };
  const derived = Object.create(options, own) as ConnectOptions;
  if (family === 0) connect(derived);
  else keepingHost(held.socket, () => connect(derived));
}

function hasRef(socket: Socket): boolean {
  return connectionHandleOf(socket)?.hasRef?.() ?? true;
}

/** A relative path and an absolute one may be the same. A name of the abstract namespace begins with a NUL. */
function comparable(destination: string): string {
  return isPath(destination) ? absolute(destination) : destination;
}
