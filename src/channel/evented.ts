import { Socket } from 'node:net';
import { close, sendMessage, socketpair } from '../posix/index.js';
import { Decoder, encode } from './framing.js';
import type { ToApp, ToMonitor } from './messages.js';

export interface ChannelListener {
  message(message: ToMonitor): void;
  /** No process holds the other end any more. */
  closed?(): void;
}

/** The monitor's end of a channel to a zygote or a worker. */
export class EventedChannel {
  readonly #socket: Socket;
  readonly #fd: number;
  readonly #decoder = new Decoder<ToMonitor>();

  private constructor(fd: number, listener: ChannelListener) {
    this.#fd = fd;
    this.#socket = new Socket({ fd });
    this.#socket.on('data', (chunk) => {
      for (const message of this.#decoder.push(chunk)) listener.message(message);
    });
    this.#socket.on('error', () => {}); // A reset: 'close' follows.
    this.#socket.on('close', () => listener.closed?.());
  }

  /** A channel, and the descriptor of its other end. */
  static open(listener: ChannelListener): [EventedChannel, number] {
    const [ours, theirs] = socketpair();
    return [new EventedChannel(ours, listener), theirs];
  }

  /** @param fds descriptors that go with the message; they stay open here */
  send(message: ToApp, fds: readonly number[] = []): void {
    if (this.#socket.destroyed) return;
    try {
      // Not through the stream, which carries no descriptors.
      sendMessage(this.#fd, encode(message), fds);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
    }
  }

  /** As send(), and closes the descriptor. */
  give(message: ToApp, fd: number): void {
    try {
      this.send(message, [fd]);
    } finally {
      close(fd);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
