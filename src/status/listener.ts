import { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { acceptErrorAction, acceptPause } from '../net/accept-error.js';
import { discard } from '../posix/file.js';
import { Acceptor, dup, type Listener } from '../posix/index.js';

export interface StatusListenerOptions {
  /** A listening socket, which is closed with this. */
  readonly listener: Listener;
  /**
   * The most connections at a time. A further one takes the place of the oldest on which nothing is being answered:
   * silent clients do not keep others out. When all are being answered it is closed at once.
   */
  readonly connections: number;
  readonly onConnection: (socket: Socket) => void;
  /** Takes a line for the log when connections cannot be accepted for now, and when they are again. */
  readonly warn: (message: string) => void;
}

/**
 * Accepts the connections of the status port. libuv, when it runs out of descriptors, tries again in each turn of the
 * event loop, and the monitor would do nothing else. Here one descriptor is kept back for that case, so that those who
 * ask how the service is are answered one after the other; where it does not help, connections wait in the kernel's queue.
 */
export class StatusListener {
  readonly #options: StatusListenerOptions;
  readonly #fd: number;
  readonly #acceptor: Acceptor;
  /** Oldest first. */
  readonly #sockets = new Set<Socket>();
  readonly #answering = new WeakSet<Socket>();
  /** The descriptor that is kept back; undefined while a connection has taken its place. */
  #reserve: number | undefined;
  #failures = 0;
  #pause: NodeJS.Timeout | undefined;

  constructor(options: StatusListenerOptions) {
    this.#options = options;
    this.#fd = options.listener.fd;
    this.#keepReserve();
    this.#acceptor = new Acceptor(this.#fd, (result) => this.#take(result));
    this.#acceptor.start();
  }

  /** A connection is to be closed after its answer: another one may wait for its descriptor. */
  get isShort(): boolean {
    return this.#reserve === undefined;
  }

  /** A request on this connection is being answered, or has been. */
  answers(socket: Socket, on: boolean): void {
    if (on) this.#answering.add(socket);
    else this.#answering.delete(socket);
  }

  /** Accepts no more, and ends all connections at once. */
  close(): void {
    clearTimeout(this.#pause);
    this.#acceptor.close();
    discard(this.#fd);
    for (const socket of this.#sockets) socket.destroy();
    if (this.#reserve !== undefined) discard(this.#reserve);
  }

  #take(result: number): void {
    if (result < 0) this.#failed(getSystemErrorName(result));
    else if (this.#makeRoom()) this.#open(result);
    else discard(result);
  }

  #makeRoom(): boolean {
    if (this.#sockets.size < this.#options.connections) return true;
    const oldest = [...this.#sockets].find((socket) => !this.#answering.has(socket));
    if (oldest === undefined) return false;
    this.#sockets.delete(oldest); // It closes in a later turn.
    oldest.destroy();
    return true;
  }

  #open(fd: number): void {
    let socket: Socket;
    try {
      socket = new Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
    } catch {
      discard(fd); // The client sees that, and asks again.
      return;
    }
    if (this.#failures > 0) this.#options.warn('the status port accepts again');
    this.#failures = 0;
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#keepReserve();
    });
    this.#options.onConnection(socket);
  }

  #failed(code: string): void {
    if (acceptErrorAction(code) === 'again') return;
    if (this.#reserve !== undefined) {
      discard(this.#reserve); // The next turn of the event loop has it.
      this.#reserve = undefined;
      return;
    }
    this.#failures++;
    if (this.#failures === 1) this.#options.warn(`the status port cannot accept for now: ${code}`);
    this.#acceptor.stop();
    this.#pause = setTimeout(() => {
      this.#keepReserve();
      this.#acceptor.start();
    }, acceptPause(this.#failures));
  }

  #keepReserve(): void {
    try {
      this.#reserve ??= dup(this.#fd, { cloexec: true });
    } catch {
      // Tried again when a connection has closed, or after a pause.
    }
  }
}
