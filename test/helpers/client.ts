import { once } from 'node:events';
import { connect as connectSocket, type NetConnectOpts, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { Lines } from './lines.js';

/** A connected client; its lines are what the server sends. It stays half open until end() when the server ends. */
export class Client extends Lines {
  /** The connection's end in both directions. */
  readonly closed: Promise<void>;
  /** The server's end of file. */
  readonly ended: Promise<void>;
  /** What broke the connection, such as ECONNRESET. */
  error: NodeJS.ErrnoException | undefined;

  constructor(readonly socket: Socket) {
    super();
    this.add(socket);
    this.ended = new Promise((resolve) => socket.once('end', resolve));
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', (error) => {
      this.error = error;
    });
  }

  /** The client's own port, by which a server's log names it. */
  get port(): number {
    return this.socket.localPort as number;
  }

  send(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  /** Half-closes: the server reads the end of file and can still answer. */
  end(): void {
    this.socket.end();
  }

  /** Closes at once, with a reset (RST) in place of an orderly end. */
  reset(): void {
    this.socket.resetAndDestroy();
  }
}

/** Connects, to a port of 127.0.0.1 or elsewhere; the test's end closes it. To be called inside a test. */
export async function connect(target: number | NetConnectOpts): Promise<Client> {
  const options = typeof target === 'number' ? { port: target, host: '127.0.0.1' } : target;
  const socket = connectSocket({ ...options, allowHalfOpen: true });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  return new Client(socket);
}
