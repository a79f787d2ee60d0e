import type { Socket } from 'node:net';
import { LINE_LIMIT, type Limits } from '../echo/serve.js';
import { type Line, LineSplitter } from '../policy/line-splitter.js';

/** How long a client that was told good-bye may go on sending, in milliseconds. */
const LINGER = 2000;

export interface ConnectionOptions {
  readonly limits: Limits;
  /** Takes each line's bytes, without the ending. */
  readonly received: (line: Buffer) => void;
  /** Told once why it ended; undefined after exit. */
  readonly closed: (why: string | undefined) => void;
}

/** Echoes a client's lines until it says exit, hangs up or breaks a limit. */
export class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #splitter = new LineSplitter(LINE_LIMIT);
  #why: string | undefined = 'the client hung up';

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket
      .setTimeout(options.limits.idle)
      .on('data', (chunk) => this.#take(chunk))
      .on('end', () => this.#end())
      .on('timeout', () => this.#give(this.#timedOut()))
      .on('error', ({ message }) => this.#give(`connection lost: ${message}`))
      .on('close', () => options.closed(this.#why));
  }

  #take(chunk: Buffer): void {
    if (this.#socket.writableEnded) return;
    const exits = this.#answer(this.#splitter.push(chunk));
    if (exits) this.#finish(undefined);
    else if (this.#splitter.tooLong) this.#finish(`a line over ${LINE_LIMIT} bytes`);
    else if (this.#socket.writableNeedDrain) this.#waitForClient();
  }

  /** The client sends no more. */
  #end(): void {
    if (this.#socket.writableEnded) return;
    if (this.#answer(this.#splitter.end())) this.#why = undefined;
    this.#socket.end();
  }

  /** @returns whether one of the lines is exit; those after it are not answered */
  #answer(lines: readonly Line[]): boolean {
    const exit = lines.findIndex(({ content }) => content.toString('latin1') === 'exit');
    const answered = exit < 0 ? lines : lines.slice(0, exit);
    for (const { content } of answered) this.#options.received(content);
    this.#socket.write(Buffer.concat(answered.flatMap(({ content, ending }) => [content, ending])));
    return exit >= 0;
  }

  /** Whoever does not read is not read from. */
  #waitForClient(): void {
    const { limits } = this.#options;
    this.#socket.pause().setTimeout(limits.write);
    this.#socket.once('drain', () => this.#socket.resume().setTimeout(limits.idle));
  }

  #finish(why: string | undefined): void {
    this.#why = why;
    if (why !== undefined) {
      this.#socket.write(`line too long: the limit is ${LINE_LIMIT} bytes; closing the connection\n`);
    }
    this.#socket.end().setTimeout(LINGER);
  }

  #timedOut(): string | undefined {
    if (this.#socket.writableEnded) return this.#why;
    const { limits } = this.#options;
    return this.#socket.isPaused()
      ? `the client read nothing for ${limits.write / 1000} s`
      : `the client sent nothing for ${limits.idle / 1000} s`;
  }

  #give(why: string | undefined): void {
    this.#why = why;
    this.#socket.destroy();
  }
}
