import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { NetConnectOpts } from 'node:net';
import { expect } from 'vitest';
import { type Answer, type HttpConnection, open, shown } from './http.js';

const MEGABYTE = Buffer.from(Array.from({ length: 1 << 20 }, (_, i) => 32 + (i % 89)));
const GET = 'GET / HTTP/1.1\r\nHost: app\r\n\r\n';

type Connect = () => Promise<HttpConnection>;

/** What a client does, and what it sees. */
interface Scenario {
  readonly act: (connect: Connect) => Promise<unknown[]>;
  /** The status line of its first answer. */
  readonly first: RegExp;
}

const OK = /^HTTP\/1\.1 200 OK\r\n/;

function scenario(first: RegExp, act: Scenario['act']): Scenario {
  return { act, first };
}

/** For every HTTP/1 app with the paths / (hello), /echo and /big (1 MB). */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  GET: scenario(OK, async (connect) => {
    const client = await connect();
    client.send(GET);
    return [await client.answer()];
  }),
  'GET of 1 MB': scenario(OK, async (connect) => {
    const client = await connect();
    client.send('GET /big HTTP/1.1\r\nHost: app\r\n\r\n');
    return [await client.answer()];
  }),
  'POST of 1 MB, both ways': scenario(OK, async (connect) => {
    const client = await connect();
    client.send(post(`Content-Length: ${MEGABYTE.length}`));
    client.send(MEGABYTE);
    return [await client.answer()];
  }),
  'a chunked upload': scenario(OK, async (connect) => {
    const client = await connect();
    client.send(post('Transfer-Encoding: chunked'));
    for (const chunk of ['one ', 'two and ', 'three']) client.send(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    client.send('0\r\n\r\n');
    return [await client.answer()];
  }),
  HEAD: scenario(OK, async (connect) => {
    const client = await connect();
    client.send(`HEAD${GET.slice(3)}${GET}`);
    return [await client.answer('HEAD'), await client.answer()];
  }),
  'not found': scenario(/^HTTP\/1\.1 404 Not Found\r\n/, async (connect) => {
    const client = await connect();
    client.send('GET /nowhere HTTP/1.1\r\nHost: app\r\n\r\n');
    return [await client.answer()];
  }),
  'keep-alive: two requests on one connection': scenario(OK, async (connect) => {
    const client = await connect();
    client.send(GET);
    const first = await client.answer();
    client.send(GET);
    return [first, await client.answer()];
  }),
  'pipelining: five requests in one write': scenario(OK, async (connect) => {
    const client = await connect();
    const bodies = ['1', '22', '333', '4444', '55555'];
    client.send(bodies.map((body) => post(`Content-Length: ${body.length}`) + body).join(''));
    const answers: Answer[] = [];
    for (const _ of bodies) answers.push(await client.answer());
    expect(answers.map(({ body }) => body)).toEqual(bodies);
    return answers;
  }),
  'Connection: close': scenario(OK, async (connect) => {
    const client = await connect();
    client.send('GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n');
    return [await client.answer(), await client.end()];
  }),
  'Expect: 100-continue': scenario(/^HTTP\/1\.1 100 Continue\r\n/, async (connect) => {
    const client = await connect();
    client.send(post('Content-Length: 5', 'Expect: 100-continue'));
    const go = await client.answer();
    client.send('hello');
    return [go, await client.answer()];
  }),
  'HTTP/1.0': scenario(/^HTTP\/1\.[01] 200 OK\r\n/, async (connect) => {
    const client = await connect();
    client.send('GET / HTTP/1.0\r\n\r\n');
    return [await client.answer(), await client.end()];
  }),
  'a malformed request': scenario(/^HTTP\/1\.1 400 Bad Request\r\n/, async (connect) => {
    const client = await connect();
    client.send('What is this?\r\n\r\n');
    return [await client.answer(), await client.end()];
  }),
  'a header that is too large': scenario(/^HTTP\/1\.1 431 /, async (connect) => {
    const client = await connect();
    client.send(`GET / HTTP/1.1\r\nHost: app\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`);
    return [await client.answer()]; // What comes after it depends on how much of the request was read.
  }),
  'a slow client: a byte at a time': scenario(OK, async (connect) => {
    const client = await connect();
    for (const byte of GET) await new Promise((written) => client.socket.write(byte, written));
    return [await client.answer()];
  }),
  'clients that reset while they are answered': scenario(OK, async (connect) => {
    for (let i = 0; i < 6; i++) {
      const client = await connect();
      client.send('GET /big HTTP/1.1\r\nHost: app\r\n\r\n');
      await client.bytes(1);
      client.hangUp();
    }
    const seen: Answer[] = [];
    for (let i = 0; i < 4; i++) {
      const client = await connect();
      client.send(GET);
      seen.push(await client.answer());
    }
    return seen;
  }),
  'half-close: the client has said all': scenario(OK, async (connect) => {
    const client = await connect();
    client.socket.end(GET);
    return [await client.answer(), await client.end()];
  }),
};

/** What Node's own clients see. */
async function byNodesClients(target: NetConnectOpts): Promise<unknown[]> {
  const where = 'path' in target ? { socketPath: target.path } : target;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const seen: unknown[] = [];
  for (let i = 0; i < 2; i++) {
    const asked = request({
      ...where,
      agent,
      path: '/echo',
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
    });
    asked.end('by an agent');
    const [response] = await once(asked, 'response');
    const body = Buffer.concat(await response.toArray());
    seen.push({ reused: asked.reusedSocket, status: response.statusCode, body: shown(body) });
    const headers = response.rawHeaders as string[];
    seen.push(headers.filter((_, j) => headers[j - (j % 2)] !== 'Date'));
  }
  agent.destroy();
  return seen;
}

/** What every kind of client sees of an HTTP/1 server. @param tls the protocols that it offers by ALPN */
export async function observe(target: NetConnectOpts, tls?: readonly string[]): Promise<Record<string, unknown[]>> {
  const seen: Record<string, unknown[]> = {};
  for (const [name, { act, first }] of Object.entries(SCENARIOS)) {
    const observed = await act(() => open(target, tls));
    expect((observed[0] as Answer).head, name).toMatch(first);
    seen[name] = observed;
  }
  if (tls === undefined) seen["Node's http.Agent"] = await byNodesClients(target);
  return seen;
}

function post(...headers: string[]): string {
  return ['POST /echo HTTP/1.1', 'Host: app', 'Content-Type: text/plain', ...headers, '', ''].join('\r\n');
}
