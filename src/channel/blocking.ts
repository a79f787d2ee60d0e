import { _exit, close, receiveMessage, sendMessage } from '../posix/index.js';
import { Decoder, encode } from './framing.js';
import type { ToApp, ToMonitor } from './messages.js';

/** The app's end of a channel to the monitor: every call blocks, so that net.Server.listen() can ask and go on. */
export class BlockingChannel {
  readonly #decoder = new Decoder<ToApp>();
  readonly #messages: ToApp[] = [];
  /** Those that came so far; the messages say in which order they are taken. */
  readonly #descriptors: number[] = [];

  constructor(readonly fd: number) {}

  /** Where the monitor has closed the channel, nobody looks after this process any more: it ends. */
  send(message: ToMonitor): void {
    try {
      sendMessage(this.fd, encode(message));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
      _exit(1);
    }
  }

  /** The next message; undefined when the monitor has closed the channel or is gone. */
  receive(): ToApp | undefined {
    while (this.#messages.length === 0) {
      const { data, fds } = receiveMessage(this.fd);
      if (data.length === 0) return undefined;
      this.#descriptors.push(...fds);
      this.#messages.push(...this.#decoder.push(data));
    }
    return this.#messages.shift();
  }

  /** The descriptors that belong to the message just received. */
  take(count: number): number[] {
    return this.#descriptors.splice(0, count);
  }

  close(): void {
    close(this.fd);
  }
}
