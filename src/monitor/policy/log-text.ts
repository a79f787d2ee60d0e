import { printable } from '../../util/printable.js';

/** The longest line, in bytes, and the most lines of one event. */
const LONGEST = 4000;
const MOST_LINES = 100;

/**
 * The text of an event, as it may stand in a log: some of it is the app's own words, which must not be taken for another
 * line of prefork's. Control characters are shown, lines after the first begin with two spaces, and what is too long is cut.
 */
export function logText(text: string): string {
  const lines = text.split('\n');
  const shown = lines.slice(0, MOST_LINES).map((line) => printable(Buffer.from(line), LONGEST));
  const more = lines.length > MOST_LINES ? [`… (${lines.length} lines)`] : [];
  return [...shown, ...more].map((line, i) => (i === 0 || line.startsWith('  ') ? line : `  ${line}`)).join('\n');
}
