import { _exit, close, type Message, poll, ReadableWatch, receiveMessage, sendMessage } from '../posix/index.js';
import { Decoder, encodeForParent, encodeWithin, MAX_MESSAGE_BYTES, MAX_ZYGOTE_MESSAGE_BYTES } from './framing.js';
import type { Awaited, Notice, ToApp, ToMonitor } from './messages.js';

/**
 * The app's end of a channel to the monitor: send() and receive() block, so that net.Server.listen() can ask and go on.
 * Notices are heard beside: while receive() waits, and, after watch(), in the event loop.
 */
export class BlockingChannel {
  readonly #decoder = new Decoder<ToApp>(MAX_ZYGOTE_MESSAGE_BYTES);
  readonly #awaited: Awaited[] = [];
  /** The descriptors that came so far; the messages say in which order they are taken. An error stands for all of one. */
  readonly #descriptors: (number | Error)[] = [];
  readonly #onNotice: (notice: Notice) => void;
  readonly #longest: number;
  #watch: ReadableWatch | undefined;

  /**
   * @param onNotice may be called in the midst of receive()
   * @param longest of a message that is sent, in bytes: the monitor hears a zygote out longer than a worker
   */
  constructor(
    readonly fd: number,
    onNotice: (notice: Notice) => void,
    longest = MAX_MESSAGE_BYTES,
  ) {
    this.#onNotice = onNotice;
    this.#longest = longest;
  }

  /** Where the monitor has closed the channel, nobody looks after this process any more: it ends. */
  send(message: ToMonitor): void {
    this.#write(encodeWithin(message, this.#longest));
  }

  /** Sends what the app has to say to the monitor's parent. @param json one JSON text of at most MAX_PARENT_MESSAGE_BYTES bytes */
  sendToParent(json: string): void {
    this.#write(encodeForParent(json));
  }

  #write(text: string): void {
    let bytes: Uint8Array = Buffer.from(text);
    try {
      while (bytes.length > 0) bytes = bytes.subarray(this.#attempt('write', () => sendMessage(this.fd, bytes)));
    } catch (error) {
      if (!isEnd(error)) throw error;
      _exit(1);
    }
  }

  /** The next message but notices; undefined when the monitor has closed the channel or is gone. */
  receive(): Awaited | undefined {
    while (this.#awaited.length === 0) {
      if (!this.#take(this.#attempt('read', () => this.#read()))) return undefined;
    }
    return this.#awaited.shift();
  }

  /** The descriptors that belong to the message just received. @throws EMFILE where this process had no room for them */
  take(count: number): number[] {
    const [first] = this.#descriptors;
    if (first instanceof Error) {
      this.#descriptors.shift();
      throw first;
    }
    return this.#descriptors.splice(0, count) as number[];
  }

  /** From here on notices are heard in the event loop as well, and the end of the monitor is the end of this process. */
  watch(): void {
    this.#watch = new ReadableWatch(this.fd, () => {
      try {
        if (!this.#take(this.#read())) _exit(1);
      } catch (error) {
        // receive() has read meanwhile what the loop was woken for.
        if (codeOf(error) !== 'EAGAIN') throw error;
      }
    });
  }

  close(): void {
    this.#watch?.close();
    close(this.fd);
  }

  #read(): Message | undefined {
    try {
      return receiveMessage(this.fd);
    } catch (error) {
      if (isEnd(error)) return undefined;
      const { data } = error as { data?: Buffer };
      if (data === undefined) throw error;
      // The message has come, and take() says what has not.
      this.#descriptors.push(error as Error);
      return { data, fds: [] };
    }
  }

  /** @returns whether the channel is still open */
  #take(message: Message | undefined): boolean {
    if (message === undefined || message.data.length === 0) return false;
    this.#descriptors.push(...message.fds);
    for (const line of this.#decoder.push(message.data)) {
      const each = line.message as ToApp;
      if (each.type === 'leave' || each.type === 'raise') this.#onNotice(each);
      else this.#awaited.push(each);
    }
    return true;
  }

  /** The event loop has made the descriptor O_NONBLOCK: it is waited for. */
  #attempt<Result>(what: 'read' | 'write', call: () => Result): Result {
    for (;;) {
      try {
        return call();
      } catch (error) {
        if (codeOf(error) !== 'EAGAIN') throw error;
        poll(this.fd, what);
      }
    }
  }
}

/** A monitor that closes its end before it has read everything resets the connection. unix(7). */
function isEnd(error: unknown): boolean {
  return ['EPIPE', 'ECONNRESET'].includes(codeOf(error) ?? '');
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
