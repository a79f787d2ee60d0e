import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { within } from '../../util/poll.js';

/** How long a connection may take; a full queue of the listener makes it try again after 1 s, 3 s and 7 s. */
const CONNECT_TIMEOUT_MS = 10_000;

/** A client of the echo server, whose lines are awaited. */
export class LineClient {
  /** Its own, by which the server's log and /proc/net/tcp name it. */
  readonly port: number;
  /** The connection's end: an error's code, or 'end of file'. */
  readonly ended: Promise<string>;
  readonly #socket: Socket;
  /** What is to be told of each line whether it was answered. */
  readonly #asked: ((isAnswered: boolean) => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.localPort as number;
    let how = 'end of file';
    socket.on('data', (data) => this.#take(data));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      how = code ?? how;
    });
    this.ended = new Promise((resolve) => {
      socket.on('close', () => {
        for (const tell of this.#asked.splice(0)) tell(false);
        resolve(how);
      });
    });
  }

  /** How long, in milliseconds, the line took to come back; undefined when the connection ended first. */
  say(line: string): Promise<number | undefined> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed) return resolve(undefined);
      const since = performance.now();
      this.#asked.push((isAnswered) => resolve(isAnswered ? performance.now() - since : undefined));
      this.#socket.write(`${line}\n`);
    });
  }

  /** Says exit and waits for the server to close. */
  async leave(): Promise<void> {
    this.#socket.write('exit\n');
    await this.ended;
  }

  close(): void {
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #take(data: Buffer): void {
    for (let at = data.indexOf('\n'); at >= 0; at = data.indexOf('\n', at + 1)) this.#asked.shift()?.(true);
  }
}

/** Connects to 127.0.0.1. @throws Error when it is refused, or takes too long */
export async function connectLines(port: number): Promise<LineClient> {
  const socket = connectSocket({ port, host: '127.0.0.1', noDelay: true });
  if (await within(CONNECT_TIMEOUT_MS, once(socket, 'connect'))) return new LineClient(socket);
  socket.destroy();
  throw new Error(`no connection within ${CONNECT_TIMEOUT_MS / 1000} s`);
}

/** Clients that are closed after `use` in any case. */
export async function withClients<T>(use: (clients: LineClient[]) => Promise<T>): Promise<T> {
  const clients: LineClient[] = [];
  try {
    return await use(clients);
  } finally {
    for (const client of clients) client.close();
  }
}
