import { read } from './file.js';

const LF = 0x0a;

/**
 * Reads lines from a descriptor, as Ruby's IO#gets does: each with its line feed, which only the last may lack.
 * It reads ahead, so that no other reader should read from the descriptor; an error of read(2) loses nothing.
 */
export class LineReader {
  readonly #chunk = Buffer.allocUnsafe(65536);
  /** The pieces of the line under way. */
  readonly #line: Buffer[] = [];
  #ahead = Buffer.alloc(0);

  constructor(readonly fd: number) {}

  /** The next line, blocking until there is one; undefined at the end of file (Ruby's nil). */
  gets(): string | undefined {
    for (;;) {
      if (this.#ahead.length === 0) this.#ahead = this.#chunk.subarray(0, read(this.fd, this.#chunk));
      const isEnd = this.#ahead.length === 0;
      const lf = this.#ahead.indexOf(LF);
      const taken = lf < 0 ? this.#ahead.length : lf + 1;
      this.#line.push(Buffer.from(this.#ahead.subarray(0, taken))); // A copy: the next read overwrites the chunk.
      this.#ahead = this.#ahead.subarray(taken);
      if (lf < 0 && !isEnd) continue;
      const line = Buffer.concat(this.#line.splice(0)).toString();
      return line === '' ? undefined : line;
    }
  }
}
