import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Line, LineSplitter } from '../../../../src/tutorial/echo/line-splitter.js';

const LIMIT = 6;

/** What comes out when a stream arrives in these chunks, as text: what is in a line, and how it ended. */
function split(chunks: readonly Buffer[], limit = LIMIT): { lines: string[][]; tooLong: boolean } {
  const splitter = new LineSplitter(limit);
  const lines: string[][] = [];
  const collect = (some: Line[]) => {
    // At once: the chunk's memory is filled again below.
    for (const { content, ending } of some) lines.push([content.toString('latin1'), ending.toString('latin1')]);
  };
  const memory = Buffer.alloc(Math.max(0, ...chunks.map((chunk) => chunk.length)));
  for (const chunk of chunks) {
    chunk.copy(memory);
    collect(splitter.push(memory.subarray(0, chunk.length)));
    memory.fill('#');
  }
  collect(splitter.end());
  return { lines, tooLong: splitter.tooLong };
}

/** The same by a regular expression on the whole. */
function splitWhole(stream: string, limit: number): { lines: string[][]; tooLong: boolean } {
  const lines = [...stream.matchAll(/([^\n]*?)(\r?\n)|(?=[^\n])([^\n]*?)(\r?)$/g)].map((found) => [
    found[1] ?? found[3] ?? '',
    found[2] ?? found[4] ?? '',
  ]);
  const tooLong = lines.findIndex(([content]) => (content ?? '').length > limit);
  return { lines: tooLong < 0 ? lines : lines.slice(0, tooLong), tooLong: tooLong >= 0 };
}

function cut(stream: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (stream.length + 1)), stream.length].sort((a, b) => a - b);
  return ends.map((end, index) => stream.subarray(ends[index - 1] ?? 0, end));
}

// Few different bytes, so that endings and lines about as long as the limit are common.
const streams = fc
  .array(fc.constantFrom('\n', '\r', '\r\n', 'a', 'bb', 'cccc', '\xe3', '\0'), { maxLength: 40 })
  .map((parts) => parts.join(''));
const places = fc.array(fc.nat(200), { maxLength: 12 });

test('where a stream is cut into chunks makes no difference', () => {
  fc.assert(
    fc.property(streams, places, (stream, cuts) => {
      expect(split(cut(Buffer.from(stream, 'latin1'), cuts))).toEqual(splitWhole(stream, LIMIT));
    }),
    { numRuns: 3000 },
  );
});

test('any bytes come out as they went in', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), places, (bytes, cuts) => {
      const { lines, tooLong } = split(cut(Buffer.from(bytes), cuts), 300);
      expect(tooLong).toBe(false);
      expect(Buffer.from(lines.flat().join(''), 'latin1')).toEqual(Buffer.from(bytes));
    }),
  );
});

test('single bytes', () => {
  const stream = Buffer.from('ab\r\nc\n\nfin\r');
  const expected = {
    lines: [
      ['ab', '\r\n'],
      ['c', '\n'],
      ['', '\n'],
      ['fin', '\r'],
    ],
    tooLong: false,
  };
  expect(split([...stream].map((byte) => Buffer.from([byte])))).toEqual(expected);
});

test.each(['\n', '\r\n', '', '\r'])('the limit is the content without its ending: %j', (ending) => {
  const longest = 'x'.repeat(65536);
  const fits = { lines: [[longest, ending]], tooLong: false };
  expect(split([Buffer.from(longest + ending)], 65536)).toEqual(fits);
  expect(split([Buffer.from(`${longest}x${ending}`)], 65536)).toEqual({ lines: [], tooLong: true });
});

test('a line that is too long is noticed before it ends, and nothing after it is a line', () => {
  const splitter = new LineSplitter(LIMIT);
  expect(splitter.push(Buffer.from('one\nxxxxxx')).map(({ content }) => content.toString())).toEqual(['one']);
  expect(splitter.tooLong).toBe(false);
  expect(splitter.push(Buffer.from('x'))).toEqual([]);
  expect(splitter.tooLong).toBe(true);
  expect(splitter.push(Buffer.from('\ntwo\n'))).toEqual([]);
  expect(splitter.end()).toEqual([]);
});

test('a chunk that is whole lines need not be pushed: it would come out as it is, and leave nothing', () => {
  const chunks = fc.array(streams, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(chunks, (texts) => {
      const splitter = new LineSplitter(LIMIT);
      for (const text of texts) {
        const isWhole = splitter.isWhole(Buffer.from(text, 'latin1'));
        const lines = splitter.push(Buffer.from(text, 'latin1'));
        if (!isWhole) continue;
        const parts = lines.flatMap(({ content, ending }) => [content, ending]);
        expect(Buffer.concat(parts).toString('latin1')).toBe(text);
        expect([splitter.tooLong, splitter.end()]).toEqual([false, []]);
      }
    }),
    { numRuns: 3000 },
  );
});

test.each([
  ['one\n', true],
  ['a\nb\r\n', true],
  ['a\n\n\n\n\n', true],
  ['', false],
  ['one', false],
  ['a\nb', false],
])('%j is whole lines: %s', (text, isWhole) => {
  expect(new LineSplitter(LIMIT).isWhole(Buffer.from(text))).toBe(isWhole);
});

test('what follows an unfinished line, or one that is too long, is not whole', () => {
  const splitter = new LineSplitter(LIMIT);
  splitter.push(Buffer.from('unf'));
  expect(splitter.isWhole(Buffer.from('in\n'))).toBe(false);
  splitter.push(Buffer.from('in\n'));
  expect(splitter.isWhole(Buffer.from('two\n'))).toBe(true);
  splitter.push(Buffer.from('much too long\n'));
  expect(splitter.isWhole(Buffer.from('two\n'))).toBe(false);
});
