import { Socket } from 'node:net';
import { discard } from '../posix/file.js';
import { sendMessage, socketpair } from '../posix/index.js';
import { Decoder, encode } from './framing.js';
import type { ToApp, ToMonitor } from './messages.js';
import { checkToMonitor } from './to-monitor.js';

export interface ChannelListener {
  message(message: ToMonitor): void;
  /**
   * The channel has ended: no process holds the other end any more. With `reason`, in words, the process there has
   * made it useless ('it sent …'), and nothing more can be said to it.
   */
  closed(reason?: string): void;
}

/**
 * The monitor's end of a channel to a zygote or a worker. Whatever is there at the other end, nothing here throws or
 * blocks once the channel is open.
 */
export class EventedChannel {
  readonly #socket: Socket;
  readonly #fd: number;
  readonly #decoder = new Decoder<unknown>();
  readonly #listener: ChannelListener;
  #reason: string | undefined;

  private constructor(fd: number, listener: ChannelListener) {
    this.#fd = fd;
    this.#listener = listener;
    this.#socket = new Socket({ fd }); // Which makes it non-blocking.
    this.#socket.on('data', (chunk) => this.#receive(chunk));
    this.#socket.on('error', () => {}); // A reset: 'close' follows.
    this.#socket.on('close', () => listener.closed(this.#reason));
  }

  /** A channel, and the descriptor of its other end. @throws EMFILE, ENFILE, ENOBUFS, …: nothing is open then */
  static open(listener: ChannelListener): [EventedChannel, number] {
    const [ours, theirs] = socketpair();
    try {
      return [new EventedChannel(ours, listener), theirs];
    } catch (error) {
      for (const fd of [ours, theirs]) discard(fd);
      throw error;
    }
  }

  /**
   * Sends it at once, or ends the channel: a process that is alive never lets so much wait that there is no room.
   * @param fds descriptors that go with the message; they stay open here
   */
  send(message: ToApp, fds: readonly number[] = []): void {
    if (this.#socket.destroyed) return;
    const bytes = Buffer.from(encode(message));
    try {
      // Not through the stream, which carries no descriptors.
      const sent = sendMessage(this.#fd, bytes, fds);
      if (sent < bytes.length) this.#end('it does not read what the monitor sends');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') this.#end('it does not read what the monitor sends');
      // Otherwise it is gone, or its end closed: 'close' follows.
      else if (code !== 'EPIPE' && code !== 'ECONNRESET') this.#end(`the monitor cannot send to it: ${message}`);
    }
  }

  /** As send(), and closes the descriptor. */
  give(message: ToApp, fd: number): void {
    this.send(message, [fd]);
    discard(fd);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    for (const message of this.#messages(chunk)) {
      if (this.#socket.destroyed) return;
      this.#listener.message(message);
    }
  }

  *#messages(chunk: Buffer): Generator<ToMonitor, void, undefined> {
    try {
      for (const value of this.#decoder.push(chunk)) yield checkToMonitor(value);
    } catch (error) {
      this.#end(`it sent ${(error as SyntaxError).message}`);
    }
  }

  #end(reason: string): void {
    this.#reason ??= reason;
    this.#socket.destroy();
  }
}
