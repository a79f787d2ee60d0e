const LF = 0x0a;
const CR = 0x0d;
const NOTHING = Buffer.alloc(0);

/** A line of any bytes. Content and ending together are what the client sent. */
export interface Line {
  /** Without the ending. */
  readonly content: Buffer;
  /** '\n' or '\r\n'; of an unfinished last line '' or '\r'. */
  readonly ending: Buffer;
}

/** Makes lines out of a byte stream that arrives in chunks, split anywhere. */
export class LineSplitter {
  /** A line was longer than the limit: nothing that comes after it is looked at any more. */
  tooLong = false;
  #unfinished = NOTHING;
  #length = 0;

  /** @param limit the longest content in bytes */
  constructor(readonly limit: number) {}

  /** Whether the next chunk is whole lines, surely none too long: it may be used as it is, instead of being pushed. */
  isWhole(chunk: Buffer): boolean {
    const { length } = chunk;
    const isBetweenLines = this.#length === 0 && !this.tooLong;
    return isBetweenLines && length > 0 && length <= this.limit && chunk[length - 1] === LF;
  }

  /** The lines that this chunk completes. They may share its memory: use them before it is filled again. */
  push(chunk: Buffer): Line[] {
    const lines: Line[] = [];
    for (let start = 0; !this.tooLong && start < chunk.length; ) {
      const lf = chunk.indexOf(LF, start);
      const next = lf < 0 ? chunk.length : lf + 1;
      const part = chunk.subarray(start, next);
      if (lf < 0) this.#keep(part);
      else this.#finish(part, lines);
      start = next;
    }
    return lines;
  }

  /** At the end of the stream: its unfinished last line, if there is one. */
  end(): Line[] {
    return this.#length === 0 || this.tooLong ? [] : [toLine(this.#unfinished.subarray(0, this.#length))];
  }

  #finish(part: Buffer, lines: Line[]): void {
    const line = toLine(this.#length === 0 ? part : Buffer.concat([this.#unfinished.subarray(0, this.#length), part]));
    this.#length = 0;
    this.tooLong = line.content.length > this.limit;
    if (!this.tooLong) lines.push(line);
  }

  #keep(part: Buffer): void {
    const length = this.#length + part.length;
    // One byte more than the limit may be the CR of the ending.
    this.tooLong = length > this.limit + (part[part.length - 1] === CR ? 1 : 0);
    if (this.tooLong) return;
    if (length > this.#unfinished.length) this.#grow(length);
    part.copy(this.#unfinished, this.#length);
    this.#length = length;
  }

  // Doubled, so that a client that dribbles single bytes does not make every byte a copy of the whole line.
  #grow(length: number): void {
    const larger = Buffer.allocUnsafe(Math.min(Math.max(length, 2 * this.#unfinished.length), this.limit + 1));
    this.#unfinished.copy(larger, 0, 0, this.#length);
    this.#unfinished = larger;
  }
}

function toLine(bytes: Buffer): Line {
  let end = bytes.length;
  if (bytes[end - 1] === LF) end--;
  if (bytes[end - 1] === CR) end--;
  return { content: bytes.subarray(0, end), ending: bytes.subarray(end) };
}
