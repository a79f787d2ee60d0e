import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const KEY_ID = 'key-1';

/**
 * What an app fetches while it loads: a configuration and a set of keys (JWKS, RFC 7517), with a token that one of
 * them has signed. It also takes lines of a log, and shows them. It runs in this process.
 */
export class Web {
  static packages = {};
  #log = '';
  #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  constructor(_folder, port) {
    this.port = port;
  }

  get env() {
    return {
      CONFIG_URL: `http://127.0.0.1:${this.port}/config.json`,
      ISSUER_URL: `http://127.0.0.1:${this.port}`,
      LOG_URL: `http://127.0.0.1:${this.port}/log`,
    };
  }

  get isRunning() {
    return this.server?.listening ?? false;
  }

  async prepare() {}

  async start() {
    this.server = createServer(async (request, response) => {
      if (request.method === 'POST') this.#log += `${await text(request)}\n`;
      const page = this.#page(request.url);
      const isText = typeof page === 'string';
      response.writeHead(page ? 200 : 404, { 'content-type': isText ? 'text/plain' : 'application/json' });
      response.end(isText ? page : JSON.stringify(page ?? {}));
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async stop() {
    if (!this.isRunning) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  async reset() {
    this.#log = '';
  }

  #page(path) {
    switch (path) {
      case '/config.json':
        return { greeting: 'hello', limit: 3 };
      case '/.well-known/jwks.json':
        return { keys: [{ ...this.#keys.publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: KEY_ID }] };
      case '/log':
        return `log:\n${this.#log}`;
      case '/token':
        return this.#token();
    }
  }

  /** A signed token: RFC 7515, 3.1. */
  #token() {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'ES256', kid: KEY_ID })}.${part({ sub: 'ada' })}`;
    const key = { key: this.#keys.privateKey, dsaEncoding: 'ieee-p1363' };
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
  }
}
