import { printable } from '../../util/printable.js';
import { TokenBucket } from '../../util/token-bucket.js';

/** How many lines one process may have logged at once, and how many each second in the long run. */
const RATE = { burst: 50, perSecond: 5 };

/** Keeps a process from filling the log. Times are milliseconds of a steady clock. */
export class LineRate {
  readonly #bucket = new TokenBucket(RATE);
  #suppressed = 0;

  /**
   * Whether a line may be logged now; one that may not is counted.
   * @returns false, or how many lines before it were not logged
   */
  take(now: number): number | false {
    if (!this.#bucket.take(1, now)) {
      this.#suppressed++;
      return false;
    }
    const before = this.#suppressed;
    this.#suppressed = 0;
    return before;
  }
}

/** A line, with what it stands for. */
export function withSuppressed(message: string, before: number): string {
  return before === 0 ? message : `${message} (${before} lines before it were not logged: they came too fast)`;
}

/** The longest line, in bytes, and the most lines of one event. */
const MAX_LINE_BYTES = 4000;
const MAX_LINES = 100;

/**
 * The text of an event, as it may stand in a log: some of it is the app's own words, which must not be taken for another
 * line of prefork's. Control characters are shown, lines after the first begin with two spaces, and what is too long is cut.
 */
export function logText(text: string): string {
  const lines = text.split('\n');
  const shown = lines.slice(0, MAX_LINES).map((line) => printable(Buffer.from(line), MAX_LINE_BYTES));
  const more = lines.length > MAX_LINES ? [`… (${lines.length} lines)`] : [];
  return [...shown, ...more].map((line, i) => (i === 0 || line.startsWith('  ') ? line : `  ${line}`)).join('\n');
}
