import { read } from './file.js';

const LF = 0x0a;

/** Reads lines from a descriptor, as Ruby's IO#gets does: each with its line feed, which only the last may lack. */
export class LineReader {
  #buffered = Buffer.alloc(0);

  constructor(readonly fd: number) {}

  /** The next line, blocking until there is one; undefined at the end of file (Ruby's nil). */
  gets(): string | undefined {
    for (;;) {
      const end = this.#buffered.indexOf(LF);
      if (end >= 0) return this.#take(end + 1);
      const more = read(this.fd);
      if (more.length === 0) return this.#buffered.length > 0 ? this.#take(this.#buffered.length) : undefined;
      this.#buffered = Buffer.concat([this.#buffered, more]);
    }
  }

  #take(length: number): string {
    const line = this.#buffered.toString('utf8', 0, length);
    this.#buffered = this.#buffered.subarray(length);
    return line;
  }
}
