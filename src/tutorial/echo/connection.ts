import { read, send, setTimeouts, shutdown } from '../../posix/index.js';

const LINGER_MS = 2000;
const QUIET_MS = 250;
const LINGER_BYTES = 16 * 1024 * 1024;

// One buffer for all connections, as its content is never read.
const scrap = Buffer.allocUnsafe(65536);

/** Sends all of it. The time limit of setTimeouts() holds for each send(2): EAGAIN when the client takes nothing. */
export function sendAll(fd: number, data: Buffer): void {
  let sent = send(fd, data);
  while (sent < data.length) sent += send(fd, data.subarray(sent));
}

/**
 * Ends our direction and takes in what the client is still sending, for a bounded time, before the close: a close with
 * unread data is a reset, at which the client may lose what was sent to it last.
 */
export function finishSending(fd: number): void {
  try {
    shutdown(fd, 'write');
    drain(fd);
  } catch {
    // The client says no more, or has broken the connection: nothing is left to be polite about.
  }
}

function drain(fd: number): void {
  const end = performance.now() + LINGER_MS;
  setTimeouts(fd, { receive: QUIET_MS });
  for (let taken = 0; taken < LINGER_BYTES && performance.now() < end; ) {
    const length = read(fd, scrap);
    if (length === 0) return;
    taken += length;
  }
}
