import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  Decoder,
  encode,
  encodeForParent,
  encodeWithin,
  MAX_MESSAGE_BYTES,
  MAX_PARENT_MESSAGE_BYTES,
} from '../../../src/channel/framing.js';
import { isNestedDeeper } from '../../../src/channel/nesting.js';
import { checkToMonitor } from '../../../src/channel/to-monitor.js';

test('messages come out as they went in, wherever they are split', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ text: fc.string() })), fc.array(fc.nat({ max: 40 })), (messages, sizes) => {
      const decoder = new Decoder(MAX_MESSAGE_BYTES);
      const bytes = Buffer.from(messages.map(encode).join(''));
      const received: unknown[] = [];
      for (let start = 0, i = 0; start < bytes.length; i++) {
        const size = sizes[i] ?? bytes.length;
        for (const { message } of decoder.push(bytes.subarray(start, start + size))) received.push(message);
        start += size;
      }
      expect(received).toEqual(messages);
    }),
  );
});

test('what precedes what is no message still comes', () => {
  const received: unknown[] = [];
  const decode = () => {
    const chunk = Buffer.from('{"a":1}\nnonsense\x1b\n');
    for (const { message } of new Decoder(MAX_MESSAGE_BYTES).push(chunk)) received.push(message);
  };
  expect(decode).toThrow(new SyntaxError('what is no message: nonsense\\x1b'));
  expect(received).toEqual([{ a: 1 }]);
});

const text = (bytes: number) => 'x'.repeat(bytes);

test('a message without an end is given up after 64 KiB, one that has an end as well; a byte less is heard', () => {
  const heard = (line: string) => [...new Decoder(MAX_MESSAGE_BYTES).push(Buffer.from(line))];
  const whole = JSON.stringify(text(MAX_MESSAGE_BYTES - 2));
  expect(heard(`${whole}\n`)).toEqual([{ isForParent: false, message: text(MAX_MESSAGE_BYTES - 2) }]);
  expect(() => heard(`${whole} \n`)).toThrow(/^a message of more than 65536 bytes$/);
  expect(() => heard(`${whole} `)).toThrow(/^a message of more than 65536 bytes$/);
  expect(() => heard('\n')).toThrow(/^what is no message: $/);
});

test('what the app says to the parent may be longer, and is bounded as well', () => {
  const heard = (json: string) => [...new Decoder(MAX_MESSAGE_BYTES).push(Buffer.from(encodeForParent(json)))];
  const long = JSON.stringify(text(MAX_PARENT_MESSAGE_BYTES - 3));
  const bytes = MAX_PARENT_MESSAGE_BYTES;
  expect(heard(long)).toEqual([{ isForParent: true, message: JSON.parse(long), bytes }]);
  expect(() => heard(`${long} `)).toThrow(/^a message of more than \d+ bytes$/);
});

test('a message that comes byte by byte takes time and memory in proportion to its length', () => {
  const decoder = new Decoder(MAX_PARENT_MESSAGE_BYTES);
  const before = process.memoryUsage().arrayBuffers;
  const start = performance.now();
  // As they are received: each in memory that has room for much more.
  for (let i = 0; i < MAX_MESSAGE_BYTES; i++) {
    const [line] = decoder.push(Buffer.alloc(i % 64 === 0 ? 65_536 : 1, 'x').subarray(0, 1));
    expect(line).toBeUndefined();
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 2 ** 20);
  expect(performance.now() - start).toBeLessThan(10_000);
});

test('what is nested too deep is no message: to write it anew would take more stack than there is', () => {
  const nested = (depth: number, inner = '') => '['.repeat(depth) + inner + ']'.repeat(depth);
  const heard = (line: string) => [...new Decoder(MAX_MESSAGE_BYTES).push(Buffer.from(`${line}\n`))];
  expect(heard(nested(20))).toHaveLength(1);
  expect(() => heard(nested(21))).toThrow(/^a message that is nested more than 20 times$/);
  expect(() => heard(nested(30_000))).toThrow(SyntaxError);
  expect(() => heard(`{"type":"warning","message":"","x":${nested(30_000)}}`)).toThrow(SyntaxError);
  expect(heard(`=${nested(1000)}`)).toHaveLength(1);
  expect(() => heard(`=${nested(1001)}`)).toThrow(/^a message that is nested more than 1000 times$/);
  expect(heard(JSON.stringify({ text: '[{\\"'.repeat(100) }))).toHaveLength(1);
});

test('nesting is that of JSON, whatever the texts in it hold', () => {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = Buffer.from(JSON.stringify(value));
      const depth = depthOf(value);
      expect(isNestedDeeper(text, depth)).toBe(false);
      if (depth > 0) expect(isNestedDeeper(text, depth - 1)).toBe(true);
    }),
  );
});

test('texts of the app that would make a message too long are cut', () => {
  const reasons = Array.from({ length: 1000 }, (_, i) => `${i} ${text(10_000)}`);
  const sent = encodeWithin({ type: 'refused', reasons }, MAX_MESSAGE_BYTES);
  expect(Buffer.byteLength(sent)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
  expect(checkToMonitor(JSON.parse(sent))).toMatchObject({ type: 'refused' });
  expect(JSON.parse(sent).reasons[0]).toMatch(/^0 x+…$/);
  expect(encodeWithin({ type: 'ready' }, MAX_MESSAGE_BYTES)).toBe('{"type":"ready"}\n');
  expect(() => encodeWithin({ a: Object.fromEntries(reasons.map((each) => [each, 1])) }, MAX_MESSAGE_BYTES)).toThrow(
    RangeError,
  );
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
  { type: 'loaded', held: [], compaction: { before: 2, after: 1, milliseconds: 0.5 } },
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
  [{ type: 'loaded', held: [], compaction: { before: 2, after: 1 } }],
  [{ type: 'once ended', name: 'a', error: {} }],
  [{ type: 'once ended', name: 'a', error: { name: 'Error', message: 'b', code: {} } }],
  [{ type: 'hold', cause: 'open', connects: [], after: { files: 'a', bytes: 1 } }],
])('%j is none', (value) => {
  expect(() => checkToMonitor(value)).toThrow(/^what is no message: /);
});
