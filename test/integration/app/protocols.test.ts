// The same app under node, node:cluster and prefork, beyond plain HTTP/1.
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../helpers/folder.js';
import { open, shown } from '../../helpers/http.js';
import { expectSame, type Runtime, type Served } from '../../helpers/http-runtimes.js';
import { observe } from '../../helpers/http-suite.js';
import { converse } from '../../helpers/http-websocket.js';
import { multiplex } from '../../helpers/http2.js';

const MEGABYTE = Buffer.alloc(1 << 20, 'a megabyte of bytes ');
const HELLO = 'GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n';

test('https: the same bytes, with ALPN', async () => {
  const seen = await expectSame('https.mjs', {}, async ({ target }) => ({
    protocol: await negotiated(target, ['h2', 'http/1.1']),
    answers: await observe(target, ['http/1.1']),
  }));
  expect(seen.protocol).toBe('http/1.1');
});

test('http2: 20 streams at a time on one session, with TLS and without', async () => {
  const paths = Array.from({ length: 20 }, (_, i) => ['/', '/echo', '/big', '/nowhere'][i % 4] as string);
  const seen = await expectSame('http2.mjs', { servers: 2 }, async ({ target, others: [plain = target] }) => ({
    protocols: [await negotiated(target, ['h2', 'http/1.1']), await negotiated(target, ['http/1.1'])],
    secure: await multiplex('https', target, paths),
    plain: await multiplex('http', plain, paths),
    version1: await getOver(target, ['http/1.1']),
  }));
  expect(seen.protocols).toEqual(['h2', 'http/1.1']);
  expect(seen.secure.alpnProtocol).toBe('h2');
  expect(seen.secure.answers.map(({ headers }) => headers[':status'])).toEqual(paths.map(statusOf));
  expect(seen.plain.answers).toEqual(seen.secure.answers);
});

test('the streams of one session have one worker', async () => {
  await expectSame('http2.mjs', { servers: 2 }, async ({ target }) => {
    const { answers } = await multiplex('https', target, Array(20).fill('/pid'));
    return new Set(answers.map(({ body }) => body)).size;
  }).then((workers) => expect(workers).toBe(1));
});

test('ws: the same handshake, and text, binary and 1 MB come back', async () => {
  const seen = await expectSame('ws.mjs', {}, async ({ target }) => ({
    handshake: await handshake(target),
    messages: (await converse(target, ['text', 'テキスト', Buffer.from([0, 255, 128]), MEGABYTE, ''])).slice(1),
  }));
  expect(seen.handshake).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
  const binary = [Buffer.from([0, 255, 128]), MEGABYTE].map((message) => `binary: ${shown(message)}`);
  expect(seen.messages).toEqual(['text: text', `text: ${shown(Buffer.from('テキスト'))}`, ...binary, 'text: ']);
});

test('several servers in one app: http, bytes, and a path of the unix domain', async () => {
  const folder = temporaryFolder();
  const env = (runtime: Runtime) => ({ SOCKET_PATH: join(folder, runtime) });
  const seen = await expectSame('multi.mjs', { servers: 3, env }, async ({ target, others }) => {
    const [bytes = target, path = target] = others;
    return { first: await observe(target), bytes: await echo(bytes), path: await observe(path) };
  });
  expect(seen.path).toEqual(seen.first);
  expect(seen.bytes).toBe(shown(MEGABYTE));
});

/** Which protocol a server chooses. */
async function negotiated(target: Served['target'], offered: readonly string[]): Promise<unknown> {
  const { socket } = await open(target, offered);
  return (socket as TLSSocket).alpnProtocol;
}

async function getOver(target: Served['target'], protocols: readonly string[]): Promise<unknown> {
  const client = await open(target, protocols);
  client.send(HELLO);
  return [await client.answer(), await client.end()];
}

function statusOf(path: string): number {
  return path === '/nowhere' ? 404 : 200;
}

async function handshake(target: Served['target']): Promise<string> {
  const client = await open(target);
  const headers = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
  client.send(['GET / HTTP/1.1', 'Host: app', ...headers, key, '', ''].join('\r\n'));
  return (await client.answer()).head;
}

/** Sends 1 MB and its end of file: all of it comes back, and the server's. */
async function echo(target: Served['target']): Promise<string> {
  const client = await open(target);
  client.socket.end(MEGABYTE);
  return client.end();
}
