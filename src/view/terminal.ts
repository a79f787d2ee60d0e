import { constants, openSync, readSync, writeSync } from 'node:fs';
import type { Figure } from '../figure/figure.js';
import { close, packetPipe } from '../posix/file.js';
import type { Pace, TerminalView } from './messages.js';

/** How many characters it keeps. */
const KEPT = 8000;
/** How many bytes one write may have. */
const LINE = 4096;
/** Takes the room of one line, whole: a write that does not fill a page could be joined by the next one. */
const FILLING = Buffer.alloc(LINE);
/** Milliseconds between two lines at the slow pace. */
const SLOW = 900;
/** Milliseconds between two looks for more output at full pace. */
const RUN = 20;

/**
 * The terminal of a lesson. As one that Ctrl-S has stopped, it can let the program wait at each line that it prints: its
 * output is a pipe with room for one line, which is full as long as it has no reader. The program stays the same.
 */
export class Terminal {
  readonly #changed: () => void;
  readonly #read: number;
  readonly #write: number;
  /** The same end, opened anew: O_NONBLOCK belongs to the open file description, and is not for the program. */
  readonly #fill: number;
  #text = '';
  /** What has been written, by all that /proc says, but not been read: reading lets the next line in. */
  #written = '';
  /** What each process was about to write before the last read. */
  #before = new Map<number, string>();
  /** A process has been seen to wait for its line since the last one was let in. */
  #waits = false;
  #pace: Pace = 'run';
  #timer: NodeJS.Timeout | undefined;
  #ended: string | null = null;
  #closed = false;

  constructor(changed: () => void) {
    this.#changed = changed;
    [this.#read, this.#write] = packetPipe();
    this.#fill = openSync(`/proc/self/fd/${this.#write}`, constants.O_WRONLY | constants.O_NONBLOCK);
  }

  /** The descriptor for a program's output. */
  get output(): number {
    return this.#write;
  }

  view(): TerminalView {
    return { text: this.#text + this.#written, pace: this.#pace, ended: this.#ended };
  }

  set pace(pace: Pace) {
    this.#pace = pace;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (pace !== 'run') this.#stop();
    if (pace === 'slow') this.#timer = setInterval(() => this.next(), SLOW);
    if (pace === 'run') this.#timer = setInterval(() => this.#drain(), RUN);
    this.#changed();
  }

  /** Lets one line in, when one is known to wait: otherwise it could not be seen which it was. */
  next(): void {
    if (!this.#waits) return;
    this.#waits = false;
    this.#take();
  }

  /** Told what the processes do now: a line that one of them no longer waits to write has been written. */
  saw({ processes }: Figure): void {
    const now = new Map(processes.flatMap(({ pid, prints }) => (prints === undefined ? [] : [[pid, prints] as const])));
    for (const [pid, text] of this.#before) {
      if (this.#written !== '' || this.#pace === 'run' || now.get(pid) === text) continue;
      this.#written = text;
      this.#changed();
    }
    this.#before = now;
    this.#waits = now.size > 0;
  }

  /** @param said what the program has written to its standard error */
  ended(how: string, said: string): void {
    if (this.#closed) return;
    this.#drain();
    this.#text += said;
    this.#ended = how;
    this.#changed();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const fd of [this.#read, this.#write, this.#fill]) close(fd);
  }

  /** So that the next line waits, too. */
  #stop(): void {
    try {
      writeSync(this.#fill, FILLING);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error; // A line is in it already.
    }
  }

  #drain(): void {
    while (this.#take());
  }

  #take(): boolean {
    const buffer = Buffer.allocUnsafe(LINE);
    let length: number;
    try {
      length = readSync(this.#read, buffer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
      throw error;
    }
    this.#written = '';
    if (buffer[0] !== 0) this.#text = (this.#text + buffer.toString('utf8', 0, length)).slice(-KEPT);
    this.#changed();
    return true;
  }
}
