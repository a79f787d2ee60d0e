import type { Socket } from 'node:net';
import { Conversation, type Limits, type LineHandler, lost, readNothing, sentNothing } from '../echo/conversation.js';

/** How long a client that was told good-bye may go on sending, in milliseconds. */
const LINGER = 2000;

export interface ConnectionOptions {
  readonly limits: Limits;
  readonly received?: LineHandler;
  /** Told once why it ended; undefined after exit. */
  readonly closed?: (why: string | undefined) => void;
}

/** Echoes a client's lines until it says exit, hangs up or breaks a limit. */
export class Connection {
  readonly #socket: Socket;
  readonly #limits: Limits;
  readonly #conversation: Conversation;
  /** Why the connection broke before the conversation was over. */
  #broken: string | undefined;

  constructor(socket: Socket, { limits, received, closed }: ConnectionOptions) {
    this.#socket = socket;
    this.#limits = limits;
    this.#conversation = new Conversation(received);
    socket
      .setTimeout(limits.idle)
      .on('data', (chunk) => this.#take(chunk))
      .on('end', () => this.#end())
      .on('timeout', () => this.#timedOut())
      .on('error', (error) => this.#break(lost(error)))
      .on('close', () => closed?.(this.#broken ?? this.#conversation.why));
  }

  #take(chunk: Buffer): void {
    if (this.#conversation.isOver) return; // What follows an exit is taken in and not answered.
    this.#socket.write(this.#conversation.take(chunk));
    if (this.#conversation.isOver) this.#socket.end().setTimeout(LINGER);
    else if (this.#socket.writableNeedDrain) this.#waitForClient();
  }

  /** The client sends no more. */
  #end(): void {
    if (!this.#conversation.isOver) this.#socket.end(this.#conversation.finish());
  }

  /** A client that does not read is not read from. */
  #waitForClient(): void {
    this.#socket.pause().setTimeout(this.#limits.write);
    this.#socket.once('drain', () => this.#socket.resume().setTimeout(this.#limits.idle));
  }

  #timedOut(): void {
    this.#break(this.#socket.isPaused() ? readNothing(this.#limits) : sentNothing(this.#limits));
  }

  #break(why: string): void {
    if (!this.#conversation.isOver) this.#broken = why;
    this.#socket.destroy();
  }
}
