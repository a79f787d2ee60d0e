import { expect, test } from 'vitest';
import { readAnswer } from '../../../src/app/warm-up/http-answer.js';

const OK = 'HTTP/1.1 200 OK\r\n';
const read = (text: string, { method = 'GET', ended = false } = {}) =>
  readAnswer(Buffer.from(text, 'latin1'), { method, ended });
const bodyOf = (text: string, options?: { method?: string; ended?: boolean }) => read(text, options)?.body.toString();

test('an answer with a length, which more may follow', () => {
  const text = `${OK}Content-Type: text/plain\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 5\r\nVary: a\r\nvary: b\r\n\r\nhello!`;
  expect(read(text)).toEqual({
    status: 200,
    headers: { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'], 'content-length': '5', vary: 'a, b' },
    body: Buffer.from('hello'),
  });
});

test.each([
  ['in chunks', `${OK}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n`, 'abc0123456789'],
  [
    'after others that are not the last',
    `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OK}content-length: 1\r\n\r\na`,
    'a',
  ],
  ['without a body', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n', ''],
])('an answer %s', (_, text, body) => {
  expect(bodyOf(text)).toBe(body);
  for (let end = 0; end < text.lastIndexOf('\r\n'); end++) expect(bodyOf(text.slice(0, end))).toBeUndefined();
});

test('an answer that ends with its connection, and one to HEAD', () => {
  expect(bodyOf(`${OK}\r\nall`)).toBeUndefined();
  expect(bodyOf(`${OK}\r\nall`, { ended: true })).toBe('all');
  expect(bodyOf(`${OK}content-length: 9\r\n\r\n`, { method: 'HEAD' })).toBe('');
});

test('what is no HTTP', () => {
  expect(() => read('SSH-2.0-x\r\n\r\n')).toThrow('it is no HTTP: SSH-2.0-x');
  for (const size of ['last', '-6', '']) {
    const chunks = `3\r\nabc\r\n${size}\r\n`;
    expect(() => read(`${OK}transfer-encoding: chunked\r\n\r\n${chunks}`)).toThrow(`a chunk's size is ${size}`);
  }
});
