import { closeSync } from 'node:fs';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createSharedMemory, mapSharedMemory } from '../../../src/posix/shared-memory.js';
import { readHeader } from '../../../src/scoreboard/header.js';
import { type Description, Scoreboard, takeSnapshot } from '../../../src/scoreboard/index.js';
import {
  COUNTERS,
  COUNTERS_OFFSET,
  DESCRIPTION_SIZE,
  descriptionOffset,
  FIELDS,
  HEADER,
  HEADER_SIZE,
  RECORD_SIZE,
  RECORDS,
  recordOffset,
  SIZE,
  STARTED_AT_OFFSET,
  VERSION_OFFSET,
  VERSION_SIZE,
} from '../../../src/scoreboard/layout.js';
import { monotonicNow, type WorkerState } from '../../../src/scoreboard/record.js';

const DESCRIPTION: Description = {
  version: '1.2.3',
  pid: 42,
  app: '/srv/app.js',
  args: ['--flag', 'ä€😀'],
  cwd: '/srv',
  startedAt: 1,
  generation: 1,
  target: 4,
  stopping: false,
  reload: { state: 'none', generation: 0 },
  zygote: null,
  listeners: [{ address: '127.0.0.1:80', queued: 0, backlog: 511 }],
  counters: { forked: 0, died: 0, killed: 0, reloads: 0 },
};

/** The numbers that a worker writes, with values that they can take. */
const FIELD_VALUES = {
  state: fc.constantFrom<WorkerState>('free', 'booting', 'ready', 'draining'),
  pid: fc.integer({ min: 0, max: 2 ** 22 }),
  slot: fc.integer({ min: 0, max: RECORDS }),
  generation: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  connections: fc.nat(),
  accepted: fc.maxSafeNat(),
  requests: fc.maxSafeNat(),
  startedAt: fc.maxSafeNat(),
  heartbeat: fc.double({ noNaN: true, min: 0 }),
  loopDelay: fc.double({ noNaN: true, min: 0 }),
  busy: fc.double({ noNaN: true, min: 0, max: 1 }),
};
type Field = keyof typeof FIELD_VALUES;

function newScoreboard(): Scoreboard {
  const board = Scoreboard.create();
  onTestFinished(() => closeSync(board.fd));
  return board;
}

test('nothing in the layout overlaps, and all of it fits', () => {
  const parts = [
    [0, HEADER_SIZE],
    [descriptionOffset(0), DESCRIPTION_SIZE],
    [descriptionOffset(1), DESCRIPTION_SIZE],
    ...Array.from({ length: RECORDS }, (_, index) => [recordOffset(index), RECORD_SIZE]),
  ] as [number, number][];
  let end = 0;
  for (const [offset, size] of parts.sort(([a], [b]) => a - b)) {
    expect(offset).toBe(end);
    expect(offset % RECORD_SIZE).toBe(0);
    end += size;
  }
  expect(end).toBe(SIZE);
  expect((Math.max(...Object.values(HEADER)) + 1) * 4).toBeLessThanOrEqual(STARTED_AT_OFFSET);
  expect(STARTED_AT_OFFSET + 8).toBeLessThanOrEqual(VERSION_OFFSET);
  expect(VERSION_OFFSET + VERSION_SIZE).toBeLessThanOrEqual(HEADER_SIZE);
  expect(Object.keys(FIELDS).length * 4).toBeLessThanOrEqual(COUNTERS_OFFSET);
  expect(COUNTERS_OFFSET + Object.keys(COUNTERS).length * 8).toBeLessThanOrEqual(RECORD_SIZE);
});

test('each field of each record is a place of its own, which every mapping sees', () => {
  const board = newScoreboard();
  const other = Scoreboard.attach(board.fd);
  const writes = fc.constantFrom(...(Object.keys(FIELD_VALUES) as Field[])).chain((field) =>
    fc.record({
      index: fc.constantFrom(0, 1, 2, RECORDS - 2, RECORDS - 1),
      field: fc.constant(field),
      value: FIELD_VALUES[field] as fc.Arbitrary<string | number>,
    }),
  );
  fc.assert(
    fc.property(fc.array(writes, { maxLength: 60 }), (all) => {
      const expected = new Map<string, string | number>();
      for (const { index, field, value } of all) {
        Object.assign(board.record(index), { [field]: value });
        expected.set(`${index} ${field}`, value);
      }
      for (const { index } of all) {
        for (const field of Object.keys(FIELD_VALUES) as Field[]) {
          const fresh = field === 'state' ? 'free' : 0;
          expect(other.record(index)[field]).toBe(expected.get(`${index} ${field}`) ?? fresh);
        }
      }
      for (const { index } of all) board.record(index).clear();
      for (const { index, field } of all) expect([0, 'free']).toContain(other.record(index)[field]);
    }),
  );
});

test.each([-1, RECORDS, 0.5, Number.NaN])('there is no record %s', (index) => {
  expect(() => newScoreboard().record(index)).toThrow(RangeError);
});

test('the whole service ends: a flag that every mapping sees', () => {
  const board = newScoreboard();
  const other = Scoreboard.attach(board.fd);
  expect(other.stopping).toBe(false);
  board.stopping = true;
  expect(other.stopping).toBe(true);
});

test('memory that is no scoreboard of this version is refused', () => {
  const other = createSharedMemory('other', SIZE);
  const smaller = createSharedMemory('smaller', 4096);
  onTestFinished(() => [other, smaller].forEach(closeSync));
  expect(() => Scoreboard.attach(other)).toThrow('another version');
  expect(() => Scoreboard.attach(smaller)).toThrow('another version');
});

test('the description that was written last is read, whatever it holds', () => {
  const board = newScoreboard();
  expect(board.description).toBeUndefined();
  const texts = fc.string({ unit: 'grapheme', maxLength: 200 });
  fc.assert(
    fc.property(texts, fc.array(texts), fc.nat(), (app, args, generation) => {
      const description = { ...DESCRIPTION, app, args, generation };
      board.describe(description);
      expect(board.description).toEqual(description);
    }),
  );
});

test('the header says of the service what the description does', () => {
  const board = newScoreboard();
  const header = () => readHeader((size) => mapSharedMemory(board.fd, size, true), SIZE);
  expect(header).toThrow('not started');
  const changing = fc.record({
    target: fc.integer({ min: 1, max: RECORDS }),
    generation: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    reload: fc.record({
      state: fc.constantFrom('none', 'running', 'done', 'failed'),
      generation: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    }),
  });
  fc.assert(
    fc.property(changing, (changes) => {
      board.describe({ ...DESCRIPTION, ...changes });
      const { version, pid, startedAt } = DESCRIPTION;
      expect(header()).toEqual({ version, pid, startedAt, ...changes, stopping: false, known: true });
    }),
  );
  board.stopping = true;
  expect(header().stopping).toBe(true);
});

test('a description without room loses what is long, and nothing else', () => {
  const board = newScoreboard();
  board.describe({ ...DESCRIPTION, args: ['x'.repeat(DESCRIPTION_SIZE)] });
  expect(board.description).toEqual({ ...DESCRIPTION, args: ['…'] });
  const listeners = Array.from({ length: 5000 }, (_, port) => ({ address: `:${port}`, queued: 0, backlog: 511 }));
  board.describe({ ...DESCRIPTION, listeners });
  expect(board.description).toMatchObject({ pid: 42, listeners: listeners.slice(0, 64) });
});

test('a snapshot has the workers by slot, the younger generation first, and none that is free', () => {
  const board = newScoreboard();
  expect(() => takeSnapshot(board)).toThrow('not started');
  board.describe(DESCRIPTION);
  const hand = (index: number, slot: number, generation: number) =>
    Object.assign(board.record(index), { slot, generation, state: 'ready' });
  hand(0, 1, 1);
  hand(7, 0, 1);
  hand(9, 1, 2).heartbeat = monotonicNow() - 5000;
  board.stopping = true;
  const { workers, description } = takeSnapshot(board);
  expect(workers.map(({ record, slot, generation }) => [record, slot, generation])).toEqual([
    [7, 0, 1],
    [9, 1, 2],
    [0, 1, 1],
  ]);
  expect(workers[0]?.silence).toBeNull();
  expect(workers[1]?.silence).toBeGreaterThanOrEqual(5000);
  expect(description.stopping).toBe(true);
});
