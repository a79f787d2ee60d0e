// Clients that ask the http app, each as soon as it has its answer.
import { connect, type Socket } from 'node:net';
import { type Job, PATIENCE, perform, type Tally } from '../clients/job.js';

const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
const LAST = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
/** Where an answer has the first digit of its status, and which it is to be. */
const STATUS = 'HTTP/1.1 '.length;
const TWO = 0x32;
const NOTHING = Buffer.alloc(0);
// One for all connections: what was read is looked at before the next read.
const buffer = Buffer.alloc(65536);

await perform(load);

async function load(job: Job, tally: Tally): Promise<void> {
  const open = new Set<Socket>();
  const late = setTimeout(
    () => {
      for (const socket of open) socket.destroy();
    },
    job.seconds * 1000 + PATIENCE,
  );
  await Promise.all(
    Array.from({ length: job.connections }, async () => {
      while (tally.takes()) await connection(job, tally, open);
    }),
  );
  clearTimeout(late);
}

/** Opens one and sends the request that was taken, and others. It settles when the connection is closed. */
function connection({ port, perConnection }: Job, tally: Tally, open: Set<Socket>): Promise<void> {
  return new Promise((resolve) => {
    let begun = performance.now();
    let sent = 0;
    let isWaiting = true;
    let answer: Buffer = NOTHING;
    let usual = 0;
    const send = () => socket.write(++sent === perConnection ? LAST : REQUEST);
    const callback = (length: number) => {
      let missing = 0;
      // The next answer of the same process is as long as the one before.
      if (answer !== NOTHING || length !== usual || buffer[STATUS] !== TWO) {
        answer = Buffer.concat([answer, buffer.subarray(0, length)]);
        missing = missingOf(answer);
        if (missing > 0) return true;
        usual = answer.length;
        answer = NOTHING;
      }
      const now = performance.now();
      if (missing === 0) tally.answered(now - begun);
      isWaiting = missing < 0;
      begun = now;
      if (isWaiting) socket.destroy();
      else if (sent !== perConnection) next();
      return true;
    };
    const next = () => {
      isWaiting = tally.takes();
      if (isWaiting) send();
      else socket.destroy();
    };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback } }, send);
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      open.delete(socket);
      if (isWaiting) tally.failed++;
      resolve();
    });
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
