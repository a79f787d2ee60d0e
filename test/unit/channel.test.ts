import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decoder, encode } from '../../src/channel/framing.js';
import { checkToMonitor } from '../../src/channel/to-monitor.js';

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

test.each([
  { type: 'listen', address: null, port: 0, addressType: 4, backlog: 511, ipv6Only: false, order: 0 },
  { type: 'warning', message: '' },
  { type: 'loaded' },
  { type: 'refused', reasons: ['a', 'b'] },
  { type: 'fork failed', record: 1, message: 'fork EAGAIN' },
  { type: 'hello', pid: 2 },
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
  [{ type: 'hello' }],
  [{ type: 'hello', pid: 1 }],
  [{ type: 'hello', pid: -1 }],
  [{ type: 'hello', pid: '7' }],
  [{ type: 'refused', reasons: [1] }],
  [{ type: 'listen', address: 1, port: 0, addressType: 4, backlog: 511, ipv6Only: false, order: 0 }],
])('%j is none', (value) => {
  expect(() => checkToMonitor(value)).toThrow(/^what is no message: /);
});
