import { discard } from '../posix/file.js';
import {
  passCredentials,
  ReadableWatch,
  receiveFromPeer,
  type Sender,
  sendMessage,
  socketpair,
} from '../posix/index.js';
import { Decoder, encode } from './framing.js';
import type { ToApp, ToMonitor } from './messages.js';
import { checkToMonitor } from './to-monitor.js';

/** When a message is sent again for which the system had no room, in milliseconds. */
const SEND_AGAIN_AFTER = 100;
/** So many messages may wait for that: a process asks one thing at a time. */
const MOST_UNSENT = 16;
const UNREAD = 'it does not read what the monitor sends';

export interface ChannelListener {
  /** @param sender the process that sent it, as the kernel says: the process of the channel, or one that it has started */
  message(message: ToMonitor, sender: Sender): void;
  /**
   * The channel has ended: no process holds the other end any more. With `reason`, in words, the process there has
   * made it useless ('it sent …'), and nothing more can be said to it.
   */
  closed(reason?: string): void;
  /** A message could not be sent yet, for the given reason of the system. */
  delayed(why: string): void;
}

/** The monitor's end of a channel to a zygote or a worker. Whatever is at the other end, nothing here blocks. */
export class EventedChannel {
  readonly #watch: ReadableWatch;
  readonly #fd: number;
  readonly #decoder = new Decoder<unknown>();
  readonly #listener: ChannelListener;
  readonly #unsent: { readonly message: ToApp; readonly fds: readonly number[] }[] = [];
  #again: NodeJS.Timeout | undefined;
  #reason: string | undefined;
  #isClosed = false;

  private constructor(fd: number, listener: ChannelListener) {
    this.#fd = fd;
    this.#listener = listener;
    passCredentials(fd);
    this.#watch = new ReadableWatch(fd, (status) => {
      if (status === 0) this.#receive();
      else this.close();
    }); // Non-blocking now.
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
   * Sends it, at once or, where the system has no room for it (ENOBUFS, ENOMEM, ETOOMANYREFS), as soon as it has.
   * @param fds descriptors that go with the message; they are to stay open here
   */
  send(message: ToApp, fds: readonly number[] = []): void {
    if (this.#unsent.length >= MOST_UNSENT) this.#end(UNREAD);
    this.#unsent.push({ message, fds });
    this.#sendAll();
  }

  /**
   * Sends it with descriptors, which are closed here in any case.
   * @throws ENOBUFS, ENOMEM, ETOOMANYREFS: nothing was sent, and the channel is as it was
   */
  give(message: ToApp, fds: readonly number[]): void {
    try {
      this.#write(message, fds);
    } finally {
      for (const fd of fds) discard(fd);
    }
  }

  /** Reads all that a process has sent which has ended. */
  readRest(): void {
    while (!this.#isClosed && this.#receive());
  }

  /** The listener is told in a turn of its own. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#again);
    this.#unsent.length = 0;
    this.#watch.close();
    discard(this.#fd);
    setImmediate(() => this.#listener.closed(this.#reason));
  }

  /** Reads what has come so far, of one sender; for the rest, the watch tells again. @returns whether anything had come */
  #receive(): boolean {
    const received = this.#read();
    if (received === undefined) return false;
    const { data, sender } = received;
    if (data.length === 0) this.close();
    for (const message of this.#messages(data)) {
      if (this.#isClosed) return true;
      this.#listener.message(message, sender);
    }
    return true;
  }

  #read(): { readonly data: Buffer; readonly sender: Sender } | undefined {
    try {
      return receiveFromPeer(this.#fd);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.close(); // A reset.
      return undefined;
    }
  }

  *#messages(chunk: Buffer): Generator<ToMonitor, void, undefined> {
    try {
      for (const value of this.#decoder.push(chunk)) yield checkToMonitor(value);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#end(`it sent ${error.message}`);
    }
  }

  #sendAll(): void {
    clearTimeout(this.#again);
    for (;;) {
      const [next] = this.#unsent;
      if (next === undefined) return;
      try {
        this.#write(next.message, next.fds);
      } catch (error) {
        this.#listener.delayed((error as Error).message);
        this.#again = setTimeout(() => this.#sendAll(), SEND_AGAIN_AFTER);
        return;
      }
      this.#unsent.shift();
    }
  }

  // Not through the stream, which carries no descriptors.
  #write(message: ToApp, fds: readonly number[]): void {
    if (this.#isClosed) return;
    const bytes = Buffer.from(encode(message));
    try {
      // A process that is alive never lets so much wait that there is no room for all of it.
      if (sendMessage(this.#fd, bytes, fds) < bytes.length) this.#end(UNREAD);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') this.#end(UNREAD);
      // Otherwise it is gone, or has closed its end: 'close' follows.
      else if (code !== 'EPIPE' && code !== 'ECONNRESET') throw error;
    }
  }

  #end(reason: string): void {
    this.#reason ??= reason;
    this.close();
  }
}
