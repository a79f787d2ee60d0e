import { poll } from '../posix/file.js';
import { type WriteNow, writeNowTo } from './write-now.js';

/** How often, in milliseconds, to see whether an output that took nothing does so again. */
const RETRY_MS = 1000;

export interface LineOutputOptions {
  /**
   * How long a line may wait for room, in milliseconds. Once one has waited in vain the next ones do not, until the
   * output takes lines again. 0 by default.
   */
  readonly timeoutMs?: number;
  /** The line that says how many lines were lost, when the output takes lines again. */
  readonly lostLine?: (count: number, error: NodeJS.ErrnoException) => string;
  /** Called once, when a line is lost for the first time. */
  readonly onLoss?: (error: NodeJS.ErrnoException) => void;
}

/**
 * Lines to a descriptor whose reader may stop reading, or be gone: the process goes on. A line is written whole or not
 * at all, as far as the kernel allows; the rest of one that was taken in part comes before the next one. One write(2)
 * each, so that up to 4096 bytes (PIPE_BUF) the lines of several processes do not mix.
 */
export class LineOutput {
  readonly #fd: number;
  readonly #writeNow: WriteNow;
  readonly #options: LineOutputOptions;
  #rest: Uint8Array = Buffer.alloc(0);
  #lost = 0;
  #error: NodeJS.ErrnoException | undefined;
  #hasLost = false;
  /** The last attempt succeeded: it is worth waiting for room. */
  #isRead = true;
  #retry: NodeJS.Timeout | undefined;

  constructor(fd: number, options: LineOutputOptions = {}) {
    this.#fd = fd;
    this.#writeNow = writeNowTo(fd);
    this.#options = options;
  }

  /** Writes the line, or counts it as lost. It never throws. */
  write(line: string): void {
    if (!this.#catchUp() || !this.#put(line)) this.#lose();
    this.#retryLater();
  }

  /** Finishes what was left unfinished. @returns whether a line may follow now */
  #catchUp(): boolean {
    this.#rest = this.#push(this.#rest);
    if (this.#rest.length > 0) return false;
    const { lostLine } = this.#options;
    if (this.#lost === 0 || this.#error === undefined) return true;
    if (lostLine !== undefined && !this.#put(lostLine(this.#lost, this.#error))) return false;
    this.#lost = 0;
    return this.#rest.length === 0;
  }

  /** @returns whether the line was taken, if only in part */
  #put(line: string): boolean {
    const bytes = Buffer.from(`${line}\n`);
    const left = this.#push(bytes);
    if (left.length === bytes.length) return false;
    this.#rest = left;
    return true;
  }

  /** Writes as much as there is room for. @returns what is left */
  #push(bytes: Uint8Array): Uint8Array {
    const deadline = performance.now() + (this.#isRead ? (this.#options.timeoutMs ?? 0) : 0);
    let left = bytes;
    while (left.length > 0) {
      try {
        left = left.subarray(this.#writeNow(left));
        this.#isRead = true;
      } catch (error) {
        this.#error = error as NodeJS.ErrnoException;
        if (this.#error.code === 'EAGAIN' && this.#waitForRoom(deadline)) continue;
        this.#isRead = false;
        break;
      }
    }
    return left;
  }

  #waitForRoom(deadline: number): boolean {
    const left = Math.ceil(deadline - performance.now());
    return left > 0 && poll(this.#fd, 'write', left);
  }

  #lose(): void {
    this.#lost++;
    if (this.#hasLost || this.#error === undefined) return;
    this.#hasLost = true;
    this.#options.onLoss?.(this.#error);
  }

  #retryLater(): void {
    if (this.#retry !== undefined || (this.#rest.length === 0 && this.#lost === 0)) return;
    this.#retry = setInterval(() => {
      if (!this.#catchUp()) return;
      clearInterval(this.#retry);
      this.#retry = undefined;
    }, RETRY_MS).unref();
  }
}

/** How many lines of a log were lost, and why, for people. */
export function lostText(count: number, { code, message }: NodeJS.ErrnoException): string {
  const why = code === 'EAGAIN' ? 'while nobody read the log' : `while the log could not be written: ${message}`;
  return `${count} ${count === 1 ? 'line was' : 'lines were'} lost ${why}`;
}
