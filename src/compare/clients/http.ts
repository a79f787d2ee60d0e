import { Agent, get, type IncomingMessage } from 'node:http';

/** One connection to the http app, kept for several requests: the same process answers them all. */
export class HttpConnection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** @returns the id of the process that answers. @throws Error when none does */
  get(path: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const answered = (response: IncomingMessage) => {
        response.resume().on('end', () => resolve(Number(response.headers.pid)));
        response.on('error', reject);
      };
      get({ port: this.#port, host: '127.0.0.1', path, agent: this.#agent }, answered).on('error', reject);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
