import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { binding } from '../../../src/posix/binding.js';
import { close, LineReader, pipe, write } from '../../../src/posix/index.js';

test('lines come out as they went in, wherever the reads split them', () => {
  const text = fc.array(fc.oneof(fc.constantFrom('\n', '\r\n', 'é', '行', '🍴', ''), fc.string()), { maxLength: 30 });
  const splits = fc.array(fc.nat({ max: 12 }), { maxLength: 30 });
  fc.assert(
    fc.property(text, splits, (parts, lengths) => {
      const bytes = Buffer.from(parts.join(''));
      const [read, input] = pipe();
      const reader = new LineReader(read);
      const lines: string[] = [];
      try {
        // With O_NONBLOCK a read ends where a write did.
        binding().setNonblock(read, true);
        let done = 0;
        for (const length of [...lengths, bytes.length]) {
          if (length === 0 || done === bytes.length) continue;
          done += write(input, bytes.subarray(done, done + length));
          lines.push(...available(reader));
        }
      } finally {
        close(input);
        lines.push(...available(reader));
        close(read);
      }
      expect(lines).toEqual(bytes.toString().match(/[^\n]*\n|[^\n]+$/g) ?? []);
    }),
  );
});

test('the end of file is given again and again', () => {
  const [read, input] = pipe();
  onTestFinished(() => close(read));
  write(input, 'last');
  close(input);
  const reader = new LineReader(read);
  expect([reader.gets(), reader.gets(), reader.gets()]).toEqual(['last', undefined, undefined]);
});

test('a line may be longer than any read', () => {
  const [read, input] = pipe();
  onTestFinished(() => close(read));
  binding().setNonblock(read, true);
  const reader = new LineReader(read);
  const piece = 'x'.repeat(60_000);
  for (let i = 0; i < 5; i++) {
    write(input, piece);
    expect(available(reader)).toEqual([]);
  }
  write(input, 'end\nmore\n');
  close(input);
  expect(available(reader)).toEqual([`${piece.repeat(5)}end\n`, 'more\n']);
});

/** What gets() gives until it would block, or until the end. */
function available(reader: LineReader): string[] {
  const lines: string[] = [];
  try {
    for (;;) {
      const line = reader.gets();
      if (line === undefined) return lines;
      lines.push(line);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    return lines;
  }
}
