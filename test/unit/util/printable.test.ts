import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable } from '../../../src/util/printable.js';

const LIMIT = 960;

test.each([
  ['plain text', 'plain text'],
  ['日本語 ü 👩‍👩‍👧 \\x1b', '日本語 ü 👩‍👩‍👧 \\x1b'],
  ['\0\t\r\x1b[31mred\x7f', '\\x00\\x09\\x0d\\x1b[31mred\\x7f'],
  ['\u0085 \u2028 \u202e \ufeff', '\\u{85} \\u{2028} \\u{202e} \\u{feff}'],
])('%j', (text, shown) => {
  expect(printable(Buffer.from(text), LIMIT)).toBe(shown);
});

test('bytes that are not UTF-8 are shown one by one, those around them as text', () => {
  const bytes = Buffer.concat([
    Buffer.from('é'),
    Buffer.from([0xff, 0xc3]),
    Buffer.from('z日'),
    Buffer.from([0xe6, 0x97]),
  ]);
  expect(printable(bytes, LIMIT)).toBe('é\\xff\\xc3z日\\xe6\\x97');
});

test('a long line is cut between characters, with its length', () => {
  expect(printable(Buffer.from('x'.repeat(LIMIT)), LIMIT)).toBe('x'.repeat(LIMIT));
  expect(printable(Buffer.from('x'.repeat(LIMIT + 1)), LIMIT)).toBe(`${'x'.repeat(LIMIT)}… (961 bytes)`);
  expect(printable(Buffer.from('日日日'), 5)).toBe('日… (9 bytes)');
  expect(printable(Buffer.alloc(9, 0x97), 5)).toBe(`${'\\x97'.repeat(5)}… (9 bytes)`);
});

test('whatever the bytes, it is one printable line that a pipe takes in one piece', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.string({ unit: 'binary', maxLength: 1000 }).map((text) => new TextEncoder().encode(text)),
    fc.constantFrom(0xff, 0x07).map((byte) => new Uint8Array(5000).fill(byte)),
  );
  fc.assert(
    fc.property(bytes, (some) => {
      const line = printable(Buffer.from(some), LIMIT);
      expect(Buffer.byteLength(line)).toBeLessThan(4000);
      expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    }),
  );
});
