import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { SLOWNESS } from '../../stress/slowness.mjs';

/** How long, in ms, to wait for what must happen: far longer than it takes, so that only a hang reaches it. */
export const TIMEOUT_MS = 20_000 * SLOWNESS;

/** The text of one stream or several, awaited line by line. */
export class Lines {
  /** All of it so far. */
  text = '';
  readonly #untaken: string[] = [];
  readonly #waiting = new Set<() => void>();
  #open = 0;

  /** Adds a stream, whose lines stay whole among those of the others. */
  add(stream: Readable): void {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    this.#open++;
    stream.on('data', (chunk: Buffer) => {
      const text = decoder.write(chunk);
      this.text += text;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      this.#append(lines);
    });
    stream.on('close', () => {
      this.#open--;
      this.#append(rest === '' ? [] : [rest]);
    });
  }

  /**
   * The first line, seen already or to come, that matches and was not given before. So one line answers one call, and
   * lines can be awaited in an order of one's own. Fails, showing the text so far, when the streams end without it or
   * after `timeoutMs` milliseconds.
   */
  line(pattern: RegExp, timeoutMs = TIMEOUT_MS): Promise<RegExpExecArray> {
    const failure = new Error(); // Made here: its stack then names the caller.
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      const fail = (why: string) => {
        settle();
        failure.message = `no line matched ${pattern} ${why}; all of the output:\n${this.text}`;
        reject(failure);
      };
      const look = () => {
        const found = this.#take(pattern);
        if (found !== undefined) {
          settle();
          resolve(found);
        } else if (this.#open === 0) fail('until the end');
      };
      const timer = setTimeout(() => fail(`within ${timeoutMs} ms`), timeoutMs);
      this.#waiting.add(look);
      look();
    });
  }

  /** The next `count` lines that match, in the order in which they came. */
  async lines(count: number, pattern: RegExp, timeoutMs = TIMEOUT_MS): Promise<RegExpExecArray[]> {
    const found: RegExpExecArray[] = [];
    while (found.length < count) found.push(await this.line(pattern, timeoutMs));
    return found;
  }

  /** What each line so far says in JSON. */
  json() {
    const lines = this.text.split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  }

  #append(lines: string[]): void {
    this.#untaken.push(...lines.map((line) => line.replace(/\r$/, '')));
    for (const look of [...this.#waiting]) look();
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    for (const [index, line] of this.#untaken.entries()) {
      const found = pattern.exec(line);
      if (found === null) continue;
      this.#untaken.splice(index, 1);
      return found;
    }
    return undefined;
  }
}
