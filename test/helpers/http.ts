import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { onTestFinished } from 'vitest';
import { TIMEOUT_MS } from './lines.js';

const LONG = 1024;

/** What a client saw of an answer: all of it, but for the date and for how its body was cut into chunks. */
export interface Answer {
  /** The status line and the headers, in their order. */
  readonly head: string;
  /** A long one as its length and its hash. */
  readonly body: string;
}

/** A client's connection, which reads HTTP/1 answers off the wire. */
export class HttpConnection {
  #received = Buffer.alloc(0);
  #over = false;
  #error: string | undefined;
  #changed = () => {};

  /** @param transport what carries TLS, where that is spoken */
  constructor(
    readonly socket: Socket,
    readonly transport = socket,
  ) {
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#changed();
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      this.#error = code;
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#over = true;
        this.#changed();
      });
    }
  }

  send(data: string | Uint8Array): void {
    this.socket.write(data, 'latin1');
  }

  /** Leaves at once: with a reset (RST), where there is one. */
  hangUp(): void {
    if (this.transport.remoteFamily === undefined) this.transport.destroy();
    else this.transport.resetAndDestroy();
  }

  /** The next whole answer. @param method that of the request: HEAD has an answer without a body */
  async answer(method = 'GET'): Promise<Answer> {
    const headEnd = await this.#until('a head', () => this.#received.indexOf('\r\n\r\n'));
    const head = this.#take(headEnd + 4).toString('latin1');
    const hasBody = method !== 'HEAD' && !/^HTTP\/1\.1 1/.test(head);
    const body = hasBody ? await this.#body(head) : Buffer.alloc(0);
    return { head: head.replace(/^date: .*\r\n/im, ''), body: shown(body) };
  }

  /** So many bytes, as they come. */
  async bytes(count: number): Promise<Buffer> {
    await this.#until(`${count} bytes`, () => (this.#received.length >= count ? count : -1));
    return this.#take(count);
  }

  /** Waits for the server's end of file. @returns what else came before it, and the error if it came to one */
  async end(): Promise<string> {
    await this.#until('the end', () => (this.#over ? 0 : -1));
    return this.#error ?? shown(this.#received);
  }

  async #body(head: string): Promise<Buffer> {
    const [, length] = /^content-length: (\d+)\r$/im.exec(head) ?? [];
    if (length !== undefined) return this.bytes(Number(length));
    if (/^transfer-encoding: chunked\r$/im.test(head)) return this.#chunks();
    await this.end();
    return this.#take(this.#received.length);
  }

  async #chunks(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for (;;) {
      const lineEnd = await this.#until('a chunk', () => this.#received.indexOf('\r\n'));
      const size = Number.parseInt(this.#take(lineEnd + 2).toString('latin1'), 16);
      const chunk = await this.bytes(size + 2);
      if (size === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, size));
    }
  }

  #take(count: number): Buffer {
    const taken = this.#received.subarray(0, count);
    this.#received = this.#received.subarray(count);
    return taken;
  }

  /** Waits until `look` gives no negative number. */
  #until(what: string, look: () => number): Promise<number> {
    const failure = new Error(); // Made here: its stack then names the caller.
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#changed = () => {};
      };
      const fail = (why: string) => {
        settle();
        failure.message = `not ${what} ${why}; error: ${this.#error}, received: ${shown(this.#received)}`;
        reject(failure);
      };
      const check = () => {
        const found = look();
        if (found >= 0) {
          settle();
          resolve(found);
        } else if (this.#over) fail('until the end');
      };
      const timer = setTimeout(() => fail(`within ${TIMEOUT_MS} ms`), TIMEOUT_MS);
      this.#changed = check;
      check();
    });
  }
}

/** Connects; the test's end closes it. @param tls with TLS that offers these protocols */
export async function open(target: NetConnectOpts, tls?: readonly string[]): Promise<HttpConnection> {
  const transport = connect({ ...target, allowHalfOpen: true, noDelay: true });
  onTestFinished(() => {
    transport.destroy();
  });
  await once(transport, 'connect');
  if (tls === undefined) return new HttpConnection(transport);
  const secure = connectTls({ socket: transport, rejectUnauthorized: false, ALPNProtocols: [...tls] });
  await once(secure, 'secureConnect');
  return new HttpConnection(secure, transport);
}

/** A body for people to compare. */
export function shown(body: Buffer): string {
  if (body.length <= LONG) return body.toString('latin1');
  return `${body.length} bytes, sha256 ${createHash('sha256').update(body).digest('hex')}`;
}
