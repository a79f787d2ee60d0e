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
  const open = new Set<Connection>();
  const late = setTimeout(
    () => {
      for (const connection of open) connection.destroy();
    },
    job.seconds * 1000 + ANSWER_TIMEOUT_MS,
  );
  const client = async () => {
    while (tally.takes()) {
      const connection = new Connection(job, tally);
      open.add(connection);
      await connection.closed;
      open.delete(connection);
    }
  };
  await Promise.all(Array.from({ length: job.connections }, client));
  clearTimeout(late);
}

/** Sends the request that was taken, and others. */
class Connection {
  readonly closed: Promise<void>;
  readonly #perConnection: number | undefined;
  readonly #tally: Tally;
  readonly #socket: Socket;
  #begun = performance.now();
  #sent = 0;
  #isWaiting = true;
  /** What has come of one that is not whole yet. */
  #answer: Buffer = NOTHING;
  /** The length of the last one. */
  #usual = 0;

  constructor({ port, perConnection }: Job, tally: Tally) {
    this.#perConnection = perConnection;
    this.#tally = tally;
    const onread = { buffer, callback: (length: number) => this.#received(length) };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread }, () => this.#send());
    this.#socket = socket;
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        if (this.#isWaiting) tally.failed++;
        resolve();
      });
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #send(): void {
    this.#sent++;
    this.#socket.write(this.#isLast ? LAST : REQUEST);
  }

  /** After which the server closes the connection. */
  get #isLast(): boolean {
    return this.#sent === this.#perConnection;
  }

  #received(length: number): boolean {
    const missing = this.#missing(length);
    if (missing > 0) return true;
    if (missing < 0) {
      this.destroy();
      return true;
    }
    const now = performance.now();
    this.#tally.answered(now - this.#begun);
    this.#begun = now;
    this.#isWaiting = !this.#isLast && this.#tally.takes();
    if (this.#isWaiting) this.#send();
    else if (!this.#isLast) this.destroy();
    return true;
  }

  /** How many bytes have still to come, see missingOf(); the next answer of a process is as long as the one before. */
  #missing(length: number): number {
    if (this.#answer === NOTHING && length === this.#usual && buffer[STATUS] === TWO) return 0;
    this.#answer = Buffer.concat([this.#answer, buffer.subarray(0, length)]);
    const missing = missingOf(this.#answer);
    if (missing <= 0) {
      this.#usual = this.#answer.length;
      this.#answer = NOTHING;
    }
    return missing;
  }
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
