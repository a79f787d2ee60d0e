import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decoder, encode } from '../../../src/channel/framing.js';
import { checkToMonitor } from '../../../src/channel/to-monitor.js';

test('messages come out as they went in, wherever they are split', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ text: fc.string() })), fc.array(fc.nat({ max: 40 })), (messages, sizes) => {
      const decoder = new Decoder();
      const bytes = Buffer.from(messages.map(encode).join(''));
      const received: unknown[] = [];
      for (let start = 0, i = 0; start < bytes.length; i++) {
        const size = sizes[i] ?? bytes.length;
        received.push(...decoder.push(bytes.subarray(start, start + size)));
        start += size;
      }
      expect(received).toEqual(messages);
    }),
  );
});

test('what precedes what is no message still comes', () => {
  const received: unknown[] = [];
  const decode = () => {
    for (const message of new Decoder().push(Buffer.from('{"a":1}\nnonsense\x1b\n'))) received.push(message);
  };
  expect(decode).toThrow(new SyntaxError('what is no message: nonsense\\x1b'));
  expect(received).toEqual([{ a: 1 }]);
});

test('a message without an end is given up after a mebibyte, and takes time in proportion to its length', () => {
  const decoder = new Decoder();
  const chunk = Buffer.alloc(4, 'x');
  const feed = (count: number) => Array.from({ length: count }).flatMap(() => [...decoder.push(chunk)]);
  const start = performance.now();
  expect(feed(2 ** 20 / chunk.length)).toEqual([]);
  expect(performance.now() - start).toBeLessThan(10_000); // To copy all of it each time would take minutes.
  expect(() => feed(1)).toThrow(/a message of more than 1048576 bytes/);
});

const LISTEN = {
  type: 'listen',
  address: { port: 0 },
  ipv6Only: false,
  reusePort: false,
  first: true,
  has: [],
  backlog: 511,
  order: 0,
};

test.each([
  LISTEN,
  { ...LISTEN, address: { host: '::1', port: 80 }, umask: 0o22 },
  { ...LISTEN, address: { path: '/run/app' } },
  { type: 'closed', sockets: [1] },
  { type: 'cannot listen', reasons: [] },
  { type: 'warning', message: '' },
  { type: 'loaded', held: [] },
  { type: 'refused', reasons: ['a', 'b'] },
  { type: 'fork failed', record: 1, message: 'fork EAGAIN' },
  { type: 'hello' },
  { type: 'ready' },
])('%o is a message to the monitor', (message) => {
  expect(checkToMonitor(message)).toBe(message);
});

test.each([
  [null],
  [1],
  [[]],
  [{}],
  [{ type: 'toString' }],
  [{ type: 'nothing' }],
  [{ type: 'warning', message: 1 }],
  [{ type: 'refused', reasons: [1] }],
  [{ ...LISTEN, address: null }],
  [{ ...LISTEN, address: { host: 1, port: 80 } }],
  [{ ...LISTEN, has: ['1'] }],
])('%j is none', (value) => {
  expect(() => checkToMonitor(value)).toThrow(/^what is no message: /);
});
