import { close, read, setTimeouts } from '../../posix/index.js';
import { finishSending, sendAll } from './connection.js';
import { Conversation, type Limits, type LineHandler, lost, readNothing, sentNothing } from './conversation.js';

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
  const conversation = new Conversation(received);
  for (;;) {
    const chunk = buffer.subarray(0, read(fd, buffer));
    const isEnd = chunk.length === 0;
    const answer = isEnd ? conversation.finish() : conversation.take(chunk);
    if (answer.length > 0) sendAll(fd, answer);
    if (conversation.isOver) finishSending(fd);
    if (conversation.isOver || isEnd) return conversation.why;
  }
}

function whyLost(error: NodeJS.ErrnoException, limits: Limits): string {
  switch (error.code) {
    case undefined:
      throw error;
    case 'EAGAIN':
      return error.syscall === 'read' ? sentNothing(limits) : readNothing(limits);
    default:
      return lost(error);
  }
}
