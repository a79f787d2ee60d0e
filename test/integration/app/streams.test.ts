import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectSocket, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { readServer } from '../../../src/scoreboard/index.js';
import { Client } from '../../helpers/client.js';
import { type Running, startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const APP = 'test/fixtures/signals/streams.mjs';
/** Longer than any test: who holds the service up by the grace shows so. */
const GRACE = ['--grace', '1h'];
const SOON = ['--stream-grace', '100ms'];
const GET = 'GET / HTTP/1.1\r\nHost: app\r\n\r\n';
const EVENTS = 'GET /events HTTP/1.1\r\nHost: app\r\n\r\n';
const CONNECT = 'CONNECT other:1 HTTP/1.1\r\nHost: app\r\n\r\n';
const WEBSOCKET =
  'GET / HTTP/1.1\r\nHost: app\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
/** The client's first words in HTTP/2, with empty settings. RFC 9113, section 3.4 */
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0';

interface Ports {
  readonly http: number;
  readonly https: number;
  readonly http2: number;
  readonly h2c: number;
}

async function startStreams(...args: readonly string[]): Promise<{ readonly running: Running; readonly ports: Ports }> {
  const running = await startPrefork(['start', '-w', '1', ...args, APP]);
  const [, list] = await running.line(/serving on (.*) with/);
  const [http, https, http2, h2c] = (list as string).split(', ').map((address) => Number(address.split(':')[1]));
  return { running, ports: { http, https, http2, h2c } as Ports };
}

function kept<Kind extends Socket>(socket: Kind): Kind {
  onTestFinished(() => {
    socket.destroy();
  });
  return socket.on('error', () => {});
}

/** A client that never closes its side. */
async function plain(port: number): Promise<Client> {
  const socket = kept(connectSocket({ port, host: '127.0.0.1', allowHalfOpen: true }));
  await once(socket, 'connect');
  return new Client(socket);
}

async function secure(port: number, ...ALPNProtocols: string[]): Promise<Client> {
  const socket = kept(connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols }));
  await once(socket, 'secureConnect');
  return new Client(socket);
}

/** What a TLS client says first. */
function clientHello(): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({ read() {}, write: (said) => resolve(said) });
    connectTls({ socket: wire, rejectUnauthorized: false }).on('error', () => {});
  });
}

async function accepted(running: Running): Promise<void> {
  await eventually('it is accepted', () =>
    readServer(running.pid).workers.some(({ connections }) => connections === 1),
  );
}

async function stops(running: Running): Promise<void> {
  process.kill(running.pid, 'SIGTERM');
  expect(await running.closed).toEqual({ code: 0, signal: null });
  expect(running.text).not.toMatch(/killed|died|Error/);
}

const saying = async (client: Client, said: string | Buffer) => client.send(said);

test.for<[string, (ports: Ports) => Promise<unknown>]>([
  ['half a request line', async ({ http }) => saying(await plain(http), 'GET /ha')],
  ['half a header', async ({ http }) => saying(await plain(http), GET.slice(0, -10))],
  [
    'a request, and half of another one',
    async ({ http }) => {
      const client = await plain(http);
      client.send(GET);
      await client.line(/^Connection: keep-alive$/);
      client.send(GET.slice(0, -10));
    },
  ],
  ['nothing, in place of TLS', ({ https }) => plain(https)],
  [
    'half of the first message of TLS',
    async ({ https }) => saying(await plain(https), (await clientHello()).subarray(0, 99)),
  ],
  ['only the first message of TLS', async ({ https }) => saying(await plain(https), await clientHello())],
  ['the same to a server of HTTP/2', async ({ http2 }) => saying(await plain(http2), await clientHello())],
  ['half a header under TLS', async ({ https }) => saying(await secure(https), 'GET / HT')],
  ['half a header to a server of HTTP/2', async ({ http2 }) => saying(await secure(http2, 'http/1.1'), 'GET / HT')],
  ['nothing, in place of HTTP/2', ({ http2 }) => secure(http2, 'h2')],
  ['HTTP/2, but asks nothing', async ({ http2 }) => saying(await secure(http2, 'h2'), PREFACE)],
  ['nothing, in place of HTTP/2 without TLS', ({ h2c }) => plain(h2c)],
  ['half a word of HTTP/2 without TLS', async ({ h2c }) => saying(await plain(h2c), PREFACE.slice(0, 9))],
])('a client holds nothing up that has said %s', async ([, visit]) => {
  const { running, ports } = await startStreams(...GRACE);
  await visit(ports);
  await accepted(running);
  await stops(running);
});

/** Opens what goes on until the server ends it. @returns the client, once the first of it is there */
type Open = (ports: Ports) => Promise<Client>;

async function over(client: Client, request: string, first: RegExp): Promise<Client> {
  client.send(request);
  await client.line(first);
  return client;
}

const STREAMS: [string, Open, RegExp][] = [
  ['a WebSocket', async ({ http }) => over(await plain(http), WEBSOCKET, /again$/), /again\n$/],
  ['a tunnel', async ({ http }) => over(await plain(http), CONNECT, /^again$/), /again\n$/],
  // With the end that a chunked response has.
  ['an event stream', async ({ http }) => over(await plain(http), EVENTS, /^data: again$/), /\n\n\r\n0\r\n\r\n$/],
  [
    'an event stream under TLS',
    async ({ https }) => over(await secure(https), EVENTS, /^data: again$/),
    /\r\n0\r\n\r\n$/,
  ],
];

test.for(STREAMS)('%s ends with the service', async ([, open, end]) => {
  const { running, ports } = await startStreams(...GRACE, ...SOON);
  const client = await open(ports);
  await stops(running);
  await client.ended;
  expect(client.text).toMatch(end);
  expect(running.text).toMatch(/the stream has closed/); // The app has seen it.
});

test.for(['http2', 'h2c'] as const)('an event stream over HTTP/2 ends with the service: %s', async (server) => {
  const { running, ports } = await startStreams(...GRACE, ...SOON);
  const scheme = server === 'http2' ? 'https' : 'http';
  const session = connectHttp2(`${scheme}://127.0.0.1:${ports[server]}`, { rejectUnauthorized: false });
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':path': '/events' });
  await once(stream, 'data');
  const closed = once(stream.resume(), 'close');
  await stops(running);
  await closed;
  expect(stream.rstCode).toBe(0);
  expect(running.text).toMatch(/the stream has closed/);
});

test('what is answered is not cut off by that, however long it takes', async () => {
  const { running, ports } = await startStreams(...GRACE, ...SOON);
  const slow = await plain(ports.http);
  slow.send('POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 4\r\n\r\n');
  const stream = await over(await plain(ports.http), EVENTS, /^data: again$/);
  process.kill(running.pid, 'SIGTERM');
  await stream.ended;
  await running.line(/the stream has closed/);
  slow.send('done');
  await slow.line(/^HTTP\/1\.1 200 OK$/);
  expect(await running.closed).toEqual({ code: 0, signal: null });
});

test('a reload leaves streams alone', async () => {
  const { running, ports } = await startStreams('--grace', '4s', ...SOON);
  const client = await over(await plain(ports.http), EVENTS, /^data: again$/);
  process.kill(running.pid, 'SIGHUP');
  await running.line(/generation 2 serves/);
  await client.lines(50, /^data: again$/); // For a second.
  // Until the service stops.
  await stops(running);
  await client.ended;
  expect(client.text).toMatch(/\r\n0\r\n\r\n$/);
});
