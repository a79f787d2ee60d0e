import { printable } from '../util/printable.js';

const LF = 0x0a;
/** The longest message, in bytes. A list of all that keeps an app from being forked may be long. */
const LONGEST = 2 ** 20;
/** How much of what is no message an error shows, in bytes. */
const SHOWN = 200;

export function encode(message: object): string {
  return `${JSON.stringify(message)}\n`;
}

/** Makes messages, one JSON text a line, out of chunks that are split anywhere. */
export class Decoder<Message> {
  /** The beginning of a message whose end has not come. */
  #parts: Uint8Array[] = [];
  #size = 0;

  /**
   * To be iterated to its end: the messages that `chunk` completes.
   * @throws SyntaxError, when it comes to it, for what is no message, or one that is too long; more is not to be read
   */
  *push(chunk: Uint8Array): Generator<Message, void, undefined> {
    const end = chunk.lastIndexOf(LF) + 1;
    if (end > 0) {
      const lines = Buffer.concat([...this.#parts, chunk.subarray(0, end)]);
      this.#parts = [];
      this.#size = 0;
      this.#keep(chunk.subarray(end));
      yield* messages<Message>(lines);
    } else this.#keep(chunk);
    if (this.#size > LONGEST) throw new SyntaxError(`a message of more than ${LONGEST} bytes`);
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#size += part.length;
  }
}

function* messages<Message>(lines: Buffer): Generator<Message, void, undefined> {
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(LF, start);
    if (end > start) yield parse(lines.subarray(start, end)) as Message;
    start = end + 1;
  }
}

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString());
  } catch {
    throw new SyntaxError(`what is no message: ${printable(line, SHOWN)}`);
  }
}
