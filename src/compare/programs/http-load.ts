// Clients that ask the http app, each as soon as it has its answer.
import { connect, type Socket } from 'node:net';
import { ANSWER_TIMEOUT_MS, type Job, perform, type Tally } from '../clients/job.js';

const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
const LAST = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
/** Where an answer has the first digit of its status, and which it is to be. */
const STATUS = 'HTTP/1.1 '.length;
const TWO = 0x32;
const NOTHING = Buffer.alloc(0);
// One for all connections: what was read is looked at before the next read.
const buffer = Buffer.alloc(65536);

async function load(job: Job, tally: Tally): Promise<void> {
  const open = new Set<Socket>();
  const end = () => {
    for (const socket of open) socket.destroy();
  };
  const late = setTimeout(end, job.seconds * 1000 + ANSWER_TIMEOUT_MS);
  const client = async () => {
    while (tally.takes()) {
      const socket = converse(job, tally);
      open.add(socket);
      await new Promise((resolve) => socket.on('close', resolve));
      open.delete(socket);
    }
  };
  await Promise.all(Array.from({ length: job.connections }, client));
  clearTimeout(late);
}

/** Sends the request that was taken, and others, on a connection of their own. */
function converse({ port, perConnection }: Job, tally: Tally): Socket {
  let begun = performance.now();
  let sent = 0;
  let isWaiting = true;
  /** What has come of an answer that is not whole yet. */
  let answer: Buffer = NOTHING;
  /** The length of the last answer: the next one of a process is as long. */
  let usual = 0;
  /** After the last request the server closes the connection. */
  const isLast = () => sent === perConnection;
  const send = () => {
    sent++;
    socket.write(isLast() ? LAST : REQUEST);
  };
  const received = (length: number) => {
    let missing = 0;
    if (answer !== NOTHING || length !== usual || buffer[STATUS] !== TWO) {
      answer = Buffer.concat([answer, buffer.subarray(0, length)]);
      missing = missingOf(answer);
      if (missing > 0) return true;
      usual = answer.length;
      answer = NOTHING;
    }
    if (missing === 0) {
      const now = performance.now();
      tally.latencies.push(now - begun);
      begun = now;
      isWaiting = !isLast() && tally.takes();
      if (isWaiting) send();
    }
    if (missing < 0 || !(isWaiting || isLast())) socket.destroy();
    return true;
  };
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback: received } }, send);
  socket.on('error', () => {});
  return socket.on('close', () => {
    if (isWaiting) tally.failed++;
  });
}

/** How many bytes of an answer have still to come, at least; less than none when it is not as it should be. */
function missingOf(answer: Buffer): number {
  const head = answer.indexOf('\r\n\r\n');
  if (head < 0) return 1;
  if (answer.toString('latin1', 0, 12) !== 'HTTP/1.1 200') return -1;
  const length = answer.indexOf('Content-Length: ');
  if (length < 0 || length > head) return -1;
  return head + 4 + Number.parseInt(answer.toString('latin1', length + 16, length + 24), 10) - answer.length;
}

await perform(load);
