import { type Line, LineSplitter } from './line-splitter.js';

/** The longest line, in bytes without its ending. */
const LINE_LIMIT = 64 * 1024;
const EXIT = Buffer.from('exit');
const FAREWELL = Buffer.from(`line too long: the limit is ${LINE_LIMIT} bytes; closing the connection\n`);

/** Takes each line's bytes, without the ending, which are gone after the call. */
export type LineHandler = (line: Buffer) => void;

/** In milliseconds; 0 for none. */
export interface Limits {
  /** How long a client may take nothing of what is written to it. */
  readonly write: number;
  /** How long a client may send nothing. */
  readonly idle: number;
}

/** What is said to one client, by any reader and writer: each line comes back, and exit is the end. */
export class Conversation {
  readonly #received: LineHandler | undefined;
  readonly #splitter = new LineSplitter(LINE_LIMIT);
  #isOver = false;
  #why: string | undefined = 'the client hung up';

  constructor(received?: LineHandler) {
    this.#received = received;
  }

  /** Whether it is for the server to close the connection now, once the answer is sent. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Why it has ended; undefined after exit. */
  get why(): string | undefined {
    return this.#why;
  }

  /** The answer to what the client has sent. It may share the chunk's memory. */
  take(chunk: Buffer): Buffer {
    // Whole lines without a listener that are no exit go back as they came.
    if (this.#received === undefined && this.#splitter.isWhole(chunk) && !chunk.includes(EXIT)) return chunk;
    return this.#answer(this.#splitter.push(chunk));
  }

  /** The answer to an unfinished last line, when the client sends no more. */
  finish(): Buffer {
    return this.#answer(this.#splitter.end());
  }

  // One buffer, to be sent by one call: what a second one sends could wait until the first is acknowledged.
  #answer(lines: readonly Line[]): Buffer {
    const exit = lines.findIndex(({ content }) => content.equals(EXIT));
    const answered = exit < 0 ? lines : lines.slice(0, exit);
    for (const { content } of answered) this.#received?.(content);
    const parts = answered.flatMap(({ content, ending }) => [content, ending]);
    if (exit >= 0) this.#end(undefined);
    else if (this.#splitter.tooLong) {
      this.#end(`a line over ${LINE_LIMIT} bytes`);
      parts.push(FAREWELL);
    }
    return Buffer.concat(parts);
  }

  #end(why: string | undefined): void {
    this.#isOver = true;
    this.#why = why;
  }
}

/** Why a client is hung up on that has sent nothing for too long. */
export function sentNothing({ idle }: Limits): string {
  return `the client sent nothing for ${idle / 1000} s`;
}

/** Why a client is hung up on that has read nothing for too long. */
export function readNothing({ write }: Limits): string {
  return `the client read nothing for ${write / 1000} s`;
}

export function lost({ message }: Error): string {
  return `connection lost: ${message}`;
}
