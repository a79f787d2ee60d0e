import { closeUnread } from '../posix/close-unread.js';
import { discard } from '../posix/file.js';
import {
  passCredentials,
  ReadableWatch,
  receiveFromPeer,
  type Sender,
  sendMessage,
  socketpair,
} from '../posix/index.js';
import { peekFromPeer } from '../posix/peer.js';
import { monotonicNow } from '../scoreboard/record.js';
import { type AppMessage, Decoder, encode, type Line } from './framing.js';
import { type Heard, MessageRate, TOO_MUCH } from './message-rate.js';
import type { ToApp, ToMonitor } from './messages.js';
import { checkToMonitor } from './to-monitor.js';

/** When a message is sent again for which the system had no room, in milliseconds. */
const SEND_AGAIN_AFTER_MS = 100;
/** So many messages may wait for that: a process asks one thing at a time. */
const MAX_UNSENT = 16;
const UNREAD = 'it does not read what the monitor sends';

export interface ChannelListener {
  /** @param sender the process that sent it, as the kernel says: the process of the channel, or one that it has started */
  message(message: ToMonitor, sender: Sender): void;
  /** The app has something to say to the monitor's parent. */
  forParent(said: AppMessage): void;
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
  #watch: ReadableWatch;
  readonly #fd: number;
  readonly #decoder: Decoder<unknown>;
  readonly #rate = new MessageRate();
  readonly #listener: ChannelListener;
  readonly #unsent: { readonly message: ToApp; readonly fds: readonly number[] }[] = [];
  #again: NodeJS.Timeout | undefined;
  #pause: NodeJS.Timeout | undefined;
  #reason: string | undefined;
  #isClosed = false;

  private constructor(fd: number, listener: ChannelListener, longest: number) {
    this.#fd = fd;
    this.#listener = listener;
    this.#decoder = new Decoder(longest);
    passCredentials(fd);
    this.#watch = this.#open(); // Non-blocking now.
  }

  /**
   * A channel, and the descriptor of its other end.
   * @param longest of a message that is heard, in bytes
   * @throws EMFILE, ENFILE, ENOBUFS, …: nothing is open then
   */
  static open(listener: ChannelListener, longest: number): [EventedChannel, number] {
    const [ours, theirs] = socketpair();
    try {
      return [new EventedChannel(ours, listener, longest), theirs];
    } catch (error) {
      for (const fd of [ours, theirs]) discard(fd);
      throw error;
    }
  }

  /** A channel whose other end a process has already. @param fd its descriptor, which is closed when this fails */
  static over(fd: number, listener: ChannelListener, longest: number): EventedChannel {
    try {
      return new EventedChannel(fd, listener, longest);
    } catch (error) {
      discard(fd); // By this the process ends.
      throw error;
    }
  }

  /**
   * Sends it, at once or, where the system has no room for it (ENOBUFS, ENOMEM, ETOOMANYREFS), as soon as it has.
   * @param fds descriptors that go with the message; they are to stay open here
   */
  send(message: ToApp, fds: readonly number[] = []): void {
    if (this.#unsent.length >= MAX_UNSENT) this.#end(UNREAD);
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
    clearTimeout(this.#pause);
    this.#unsent.length = 0;
    this.#watch.close();
    closeUnread(this.#fd);
    setImmediate(() => this.#listener.closed(this.#reason));
  }

  #open(): ReadableWatch {
    return new ReadableWatch(this.#fd, (status) => {
      if (status === 0) this.#receive();
      else this.close();
    });
  }

  /** Reads what has come so far, of one sender; for the rest, the watch tells again. @returns whether anything had come */
  #receive(): boolean {
    const received = this.#read();
    if (received === undefined) return false;
    const { data, sender } = received;
    if (data.length === 0) this.close();
    const { lines, fault, heard } = this.#decode(data);
    this.#weigh(heard);
    for (const line of lines) {
      if (this.#isClosed) return true;
      if (line.isForParent) this.#listener.forParent(line);
      else this.#listener.message(line.message, sender);
    }
    if (fault !== undefined) this.#end(`it sent ${fault}`);
    return true;
  }

  #read(): { readonly data: Buffer; readonly sender: Sender } | undefined {
    try {
      const { bytes, hasDescriptors } = peekFromPeer(this.#fd);
      if (!hasDescriptors) return receiveFromPeer(this.#fd, Math.max(1, bytes));
      this.#end('it sent descriptors');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.close(); // A reset.
    }
    return undefined;
  }

  /** What a chunk brings before the first fault in it, the fault in words, and what it weighs. */
  #decode(chunk: Buffer): { readonly lines: Line<ToMonitor>[]; readonly fault?: string; readonly heard: Heard } {
    const lines: Line<ToMonitor>[] = [];
    const isAmidst = this.#decoder.isAmidstForParent;
    let fault: { fault: string } | undefined;
    try {
      for (const line of this.#decoder.push(chunk)) {
        lines.push(line.isForParent ? line : { isForParent: false, message: checkToMonitor(line.message) });
      }
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      fault = { fault: error.message };
    }
    const types = lines.flatMap((line) => (line.isForParent ? [] : line.message.type));
    const forParent = lines.length - types.length;
    const hasAppBytes = isAmidst || this.#decoder.isAmidstForParent || forParent > 0;
    return { lines, ...fault, heard: { types, forParent, hasAppBytes, bytes: chunk.length } };
  }

  /** Hears no more of a process that says too much, or nothing for a while. */
  #weigh(heard: Heard): void {
    const verdict = this.#rate.hear(heard, monotonicNow());
    if (verdict.type === 'too much') this.#end(`it ${TOO_MUCH}`);
    else if (verdict.after > 0 && !this.#isClosed) {
      this.#watch.close();
      clearTimeout(this.#pause); // readRest() reads on during a pause.
      this.#pause = setTimeout(() => {
        this.#watch = this.#open();
      }, verdict.after);
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
        this.#again = setTimeout(() => this.#sendAll(), SEND_AGAIN_AFTER_MS);
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
