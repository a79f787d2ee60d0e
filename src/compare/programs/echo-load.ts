// A client that blocks: sends a line, waits for its echo, and so on.

import { close, connect, read, setTimeouts, socket, writeAll } from '../../posix/index.js';
import { ANSWER_TIMEOUT_MS, type Job, perform, type Tally } from '../clients/job.js';

const LINE = Buffer.from(`${'x'.repeat(63)}\n`);
const echo = Buffer.alloc(LINE.length);

await perform(load);

function load(job: Job, tally: Tally): void {
  while (tally.takes()) {
    try {
      converse(job, tally);
    } catch {
      tally.failed++;
    }
  }
}

/** Opens a connection and sends the line that was taken, and others. @throws when one is not echoed */
function converse({ port, perConnection = Number.POSITIVE_INFINITY }: Job, tally: Tally): void {
  const fd = socket();
  try {
    setTimeouts(fd, { receive: ANSWER_TIMEOUT_MS, send: ANSWER_TIMEOUT_MS });
    let begun = performance.now();
    connect(fd, { family: 'IPv4', address: '127.0.0.1', port });
    for (let sent = 1; ; sent++) {
      exchange(fd);
      const now = performance.now();
      tally.latencies.push(now - begun);
      if (sent >= perConnection || !tally.takes()) return;
      begun = now;
    }
  } finally {
    close(fd);
  }
}

function exchange(fd: number): void {
  writeAll(fd, LINE);
  for (let length = 0; length < LINE.length; ) {
    const more = read(fd, echo.subarray(length));
    if (more === 0) throw new Error('the server has hung up');
    length += more;
  }
  if (!echo.equals(LINE)) throw new Error('the echo is another line');
}
