import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { LineOutput, lostText } from '../../../src/output/line-output.js';
import { close, pipe, poll, read, socketpair } from '../../../src/posix/index.js';
import { descriptorFlags } from '../../helpers/proc.js';
import { start } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const O_NONBLOCK = 0o4000;

/** Something that lines are written to, and what has been read from it. */
class Stream {
  text = '';

  constructor(
    readonly reader: number,
    readonly writer: number,
  ) {}

  /** Reads at most so many bytes of what is there. @returns how many there were */
  take(size = 1 << 20): number {
    if (!poll(this.reader, 'read', 0)) return 0;
    const bytes = read(this.reader, size);
    this.text += bytes.toString('latin1');
    return bytes.length;
  }

  takeAll(): string {
    while (this.take() > 0);
    return this.text;
  }
}

function open(kind: 'pipe' | 'socket'): Stream {
  const ends = kind === 'pipe' ? pipe({ cloexec: true }) : socketpair();
  const stream = new Stream(...ends);
  onTestFinished(() => ends.forEach(close));
  return stream;
}

const lostLine = (count: number, error: NodeJS.ErrnoException) => `(${lostText(count, error)})`;

test.each(['pipe', 'socket'] as const)('of a %s, each line comes whole or is counted as lost', (kind) => {
  const stream = open(kind);
  const steps = fc.oneof(
    fc.record({ write: fc.integer({ min: 0, max: 20_000 }) }),
    fc.record({ read: fc.integer({ min: 1, max: 100_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(steps, { minLength: 1, maxLength: 60 }), (all) => {
      const output = new LineOutput(stream.writer, { lostLine });
      stream.text = '';
      const written: string[] = [];
      const write = (length: number) => {
        written.push(`${written.length} ${'x'.repeat(length)}`);
        output.write(written.at(-1) as string);
      };
      for (const step of all) {
        if ('write' in step) write(step.write);
        else stream.take(step.read);
      }
      // Nobody holds it up any more: the rest of a line, what was lost, and the last line.
      for (let i = 0; i < 3; i++) {
        stream.takeAll();
        write(1);
      }
      const lines = stream.takeAll().split('\n');
      expect(lines.pop()).toBe('');
      const told = lines.flatMap(
        (line) => /^\((\d+) lines? (?:was|were) lost while nobody read the log\)$/.exec(line)?.[1] ?? [],
      );
      const taken = lines.filter((line) => !line.startsWith('('));
      expect(taken).toEqual(written.filter((line) => taken.includes(line)));
      expect(taken.length + told.reduce((sum, count) => sum + Number(count), 0)).toBe(written.length);
    }),
    { numRuns: 60 },
  );
});

test('what was lost is told when there is room again, also without a further line', async () => {
  const stream = open('pipe');
  const output = new LineOutput(stream.writer, { lostLine });
  output.write('x'.repeat(1 << 16));
  for (let i = 0; i < 7; i++) output.write('lost');
  stream.takeAll();
  await eventually('it is told', () =>
    /^x{65536}\n\(7 lines were lost while nobody read the log\)\n$/.test(stream.takeAll()),
  );
});

test('the open file description stays as it is for those who share it', () => {
  const stream = open('pipe');
  const output = new LineOutput(stream.writer);
  for (let i = 0; i < 100; i++) output.write('x'.repeat(1000));
  expect(descriptorFlags(stream.writer) & O_NONBLOCK).toBe(0);
});

// They print little: this process waits for them to read, and does not read itself meanwhile.
test.each([
  ['waits for room loses nothing', 20_000, 'head -n 2000 | grep -c x', /^2000$/],
  ['does not wait loses some', 0, 'grep -m 1 lost', /^\(\d+ lines were lost while nobody read the log\)$/],
])('an output that %s, to a slow reader', async (_, timeoutMs, reads, line) => {
  const [reader, writer] = pipe({ cloexec: true });
  const slow = await start('sh', ['-c', `exec <&3; sleep 0.3; ${reads}`], { descriptors: [reader] });
  close(reader);
  let lost = 0;
  const output = new LineOutput(writer, { timeoutMs, lostLine, onLoss: () => lost++ });
  for (let i = 0; i < 2000; i++) output.write(`${i} ${'x'.repeat(100)}`);
  expect(lost).toBe(timeoutMs > 0 ? 0 : 1);
  await slow.stdout.line(line);
  close(writer);
});

test('patience ends when nobody reads: only the first line waits', () => {
  const stream = open('pipe');
  const output = new LineOutput(stream.writer, { timeoutMs: 100 });
  output.write('x'.repeat((1 << 16) - 1));
  const before = performance.now();
  for (let i = 0; i < 1000; i++) output.write('lost');
  const waited = performance.now() - before;
  expect(waited).toBeGreaterThanOrEqual(99);
  expect(waited).toBeLessThan(5000); // Not 1000 times as long.
});

test('a reader who is gone is told of once', () => {
  const [reader, writer] = pipe({ cloexec: true });
  const losses: unknown[] = [];
  const output = new LineOutput(writer, { onLoss: ({ code, syscall }) => losses.push(code, syscall) });
  close(reader);
  for (let i = 0; i < 3; i++) output.write('lost');
  expect(losses).toEqual(['EPIPE', 'write']);
  close(writer);
});

test('why lines were lost is said in words', () => {
  const full = Object.assign(new Error('write ENOSPC: no space left on device'), { code: 'ENOSPC' });
  expect(lostText(1, full)).toBe(
    '1 line was lost while the log could not be written: write ENOSPC: no space left on device',
  );
});
