import { printable } from '../util/printable.js';
import { isNestedDeeper } from './nesting.js';

const LF = 0x0a;

/** The longest message of prefork's own that a worker sends, in bytes. */
export const MAX_MESSAGE_BYTES = 64 * 1024;
/** That of a zygote, in bytes: a list of all that keeps an app from being forked may be long. */
export const MAX_ZYGOTE_MESSAGE_BYTES = 1024 * 1024;
/** The longest message of the app's to the monitor's parent, in bytes, as JSON. */
export const MAX_PARENT_MESSAGE_BYTES = 1024 * 1024;

/** How many times arrays and objects may be nested in each other, in these two kinds. */
const DEEPEST_MESSAGE = 20;
const DEEPEST_FOR_PARENT = 1000;

/** The first byte of a line that holds not a message of prefork's own but a value of the app's, for the parent. */
const FOR_PARENT = '=';
const FOR_PARENT_BYTE = FOR_PARENT.charCodeAt(0);

/** How much of what is no message an error shows, in bytes. */
const SHOWN = 200;

const EMPTY = Buffer.alloc(0);

export function encode(message: object): string {
  return `${JSON.stringify(message)}\n`;
}

/** How long texts and lists stay, in characters and entries, where a message would be too long. */
const CUTS = [
  { text: 8192, list: Number.POSITIVE_INFINITY },
  { text: 1024, list: 40 },
  { text: 200, list: 40 },
];

/**
 * A message whose texts may be the app's and of any length, such as an error's stack: cut where it would be too long.
 * @param longest in bytes @throws RangeError where it is too long all the same
 */
export function encodeWithin(message: object, longest: number): string {
  const whole = encode(message);
  if (Buffer.byteLength(whole) <= longest) return whole;
  for (const cut of CUTS) {
    const text = encode(JSON.parse(whole, cutting(cut)));
    if (Buffer.byteLength(text) <= longest) return text;
  }
  throw new RangeError(`a message to the monitor of more than ${longest} bytes`);
}

function cutting({ text, list }: (typeof CUTS)[number]): (key: string, value: unknown) => unknown {
  return (_, value) => {
    if (typeof value === 'string' && value.length > text) return `${value.slice(0, text)}…`;
    return Array.isArray(value) && value.length > list ? value.slice(0, list) : value;
  };
}

/** What the app has to say to the monitor's parent. @param json one JSON text */
export function encodeForParent(json: string): string {
  return `${FOR_PARENT}${json}\n`;
}

/** What one line holds. */
export type Line<Message> =
  | { readonly isForParent: false; readonly message: Message }
  | ({ readonly isForParent: true } & AppMessage);

/** A value of the app's for the monitor's parent. */
export interface AppMessage {
  readonly message: unknown;
  /** Its length as JSON. */
  readonly bytes: number;
}

/** Makes messages, one JSON text a line, out of chunks that are split anywhere. */
export class Decoder<Message> {
  readonly #longest: number;
  /** The beginning of a line whose end has not come: so many bytes of a piece of memory that has room for more. */
  #begun: Buffer = EMPTY;
  #size = 0;
  #isForParent = false;

  /** @param longest of prefork's own messages, in bytes */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Whether what has come of a line whose end has not belongs to a value of the app's. */
  get isAmidstForParent(): boolean {
    return this.#size > 0 && this.#isForParent;
  }

  /**
   * To be iterated to its end: what the lines hold that `chunk` completes.
   * @throws SyntaxError, when it comes to it, for what is no message, or one that is too long; more is not to be read
   */
  *push(chunk: Uint8Array): Generator<Line<Message>, void, undefined> {
    for (let start = 0; start < chunk.length; ) {
      const end = chunk.indexOf(LF, start);
      const part = chunk.subarray(start, end < 0 ? chunk.length : end);
      if (this.#size === 0 && part.length > 0) this.#isForParent = part[0] === FOR_PARENT_BYTE;
      this.#check(this.#size + part.length);
      if (end < 0) return this.#keep(part);
      yield this.#complete(part);
      start = end + 1;
    }
  }

  #complete(part: Uint8Array): Line<Message> {
    if (this.#size > 0) this.#keep(part);
    const line = this.#size > 0 ? this.#begun.subarray(0, this.#size) : bufferOf(part);
    this.#begun = EMPTY;
    this.#size = 0;
    if (line[0] !== FOR_PARENT_BYTE) return { isForParent: false, message: parse(line, DEEPEST_MESSAGE) as Message };
    return { isForParent: true, message: parse(line.subarray(1), DEEPEST_FOR_PARENT), bytes: line.length };
  }

  /** In memory of its own, and in one piece: lines may come byte by byte, each in a chunk with room for much more. */
  #keep(part: Uint8Array): void {
    const size = this.#size + part.length;
    if (size > this.#begun.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, 2 * this.#begun.length));
      this.#begun.copy(larger, 0, 0, this.#size);
      this.#begun = larger;
    }
    this.#begun.set(part, this.#size);
    this.#size = size;
  }

  #check(size: number): void {
    const longest = this.#isForParent ? MAX_PARENT_MESSAGE_BYTES : this.#longest;
    if (size > longest) throw new SyntaxError(`a message of more than ${longest} bytes`);
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function parse(line: Buffer, deepest: number): unknown {
  if (isNestedDeeper(line, deepest)) throw new SyntaxError(`a message that is nested more than ${deepest} times`);
  try {
    return JSON.parse(line.toString());
  } catch {
    throw noMessage(line);
  }
}

/** What a channel fails with on what is none of prefork's messages. */
export function noMessage(bytes: Buffer): SyntaxError {
  return new SyntaxError(`what is no message: ${printable(bytes, SHOWN)}`);
}
