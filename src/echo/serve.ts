import { type Line, LineSplitter } from '../policy/line-splitter.js';
import { close, read, setTimeouts } from '../posix/index.js';
import { finishSending, sendAll } from './connection.js';

/** The longest line, in bytes without its ending. */
export const LINE_LIMIT = 64 * 1024;

/** In milliseconds; 0 for none. */
export interface Limits {
  /** How long a client may take nothing of what is written to it. */
  readonly write: number;
  /** How long a client may send nothing. */
  readonly idle: number;
}

/** Takes each line's bytes, without the ending, which are gone after the call. */
export type LineHandler = (line: Buffer) => void;

const EXIT = Buffer.from('exit');
// One for all: a worker serves one client at a time.
const buffer = Buffer.allocUnsafe(65536);

/**
 * Echoes a client's lines until it says exit, hangs up or breaks a limit, and closes its connection.
 * @returns why it ended; undefined after exit
 */
export function serve(fd: number, limits: Limits, received?: LineHandler): string | undefined {
  try {
    // A new connection has no time limits.
    if (limits.idle > 0) setTimeouts(fd, { receive: limits.idle });
    if (limits.write > 0) setTimeouts(fd, { send: limits.write });
    return echo(fd, received);
  } catch (error) {
    return whyLost(error as NodeJS.ErrnoException, limits);
  } finally {
    close(fd);
  }
}

function echo(fd: number, received?: LineHandler): string | undefined {
  const splitter = new LineSplitter(LINE_LIMIT);
  for (;;) {
    const chunk = buffer.subarray(0, read(fd, buffer));
    // Whole lines that nobody listens to and that are no exit go back as they came.
    if (received === undefined && splitter.isWhole(chunk) && !chunk.includes(EXIT)) {
      sendAll(fd, chunk);
      continue;
    }
    const isEnd = chunk.length === 0;
    const lines = isEnd ? splitter.end() : splitter.push(chunk);
    const exit = lines.findIndex(({ content }) => content.equals(EXIT));
    answer(fd, exit < 0 ? lines : lines.slice(0, exit), received);
    if (exit >= 0) {
      finishSending(fd);
      return undefined;
    }
    if (splitter.tooLong) {
      sendAll(fd, Buffer.from(`line too long: the limit is ${LINE_LIMIT} bytes; closing the connection\n`));
      finishSending(fd);
      return `a line over ${LINE_LIMIT} bytes`;
    }
    if (isEnd) return 'the client hung up';
  }
}

// By one send(2): what a second one sends could wait for the client to acknowledge the first.
function answer(fd: number, lines: readonly Line[], received?: LineHandler): void {
  for (const { content } of lines) received?.(content);
  if (lines.length > 0) sendAll(fd, Buffer.concat(lines.flatMap(({ content, ending }) => [content, ending])));
}

function whyLost(error: NodeJS.ErrnoException, limits: Limits): string {
  switch (error.code) {
    case undefined:
      throw error;
    case 'EAGAIN':
      return error.syscall === 'read'
        ? `the client sent nothing for ${limits.idle / 1000} s`
        : `the client read nothing for ${limits.write / 1000} s`;
    default:
      return `connection lost: ${error.message}`;
  }
}
