import { fstatSync } from 'node:fs';
import { createSharedMemory, mapSharedMemory } from '../posix/shared-memory.js';
import { type Description, readDescription, writeDescription } from './description.js';
import { numbersOf, writeHeader } from './header.js';
import { HEADER, LAYOUT, MAGIC, RECORDS, SIZE } from './layout.js';
import { WorkerRecord } from './record.js';

export const NAME = 'prefork-scoreboard';

/** The memory that the processes of one server share: how it goes, and how it goes to each worker. */
export class Scoreboard {
  /** How many records there are. */
  readonly size = RECORDS;
  readonly #memory: ArrayBuffer;
  readonly #header: Int32Array;

  private constructor(
    readonly fd: number,
    memory: ArrayBuffer,
  ) {
    this.#memory = memory;
    this.#header = numbersOf(memory);
  }

  /** A new one; its descriptor is close-on-exec. memfd_create(2). */
  static create(): Scoreboard {
    const fd = createSharedMemory(NAME, SIZE);
    const board = new Scoreboard(fd, mapSharedMemory(fd, SIZE));
    board.#header[HEADER.layout] = LAYOUT;
    board.#header[HEADER.records] = RECORDS;
    Atomics.store(board.#header, HEADER.magic, MAGIC);
    return board;
  }

  /** One that exists. @throws when its layout is not the one of this version of prefork */
  static attach(fd: number, options: { readOnly?: boolean } = {}): Scoreboard {
    // The size first: to read past the end of it would be a SIGBUS.
    if (fstatSync(fd).size === SIZE) {
      const board = new Scoreboard(fd, mapSharedMemory(fd, SIZE, options.readOnly ?? false));
      if (board.#header[HEADER.magic] === MAGIC && board.#header[HEADER.layout] === LAYOUT) return board;
    }
    throw new Error('the scoreboard is that of another version of prefork');
  }

  /** @param index 0 to `size` - 1 */
  record(index: number): WorkerRecord {
    return new WorkerRecord(this.#memory, index);
  }

  /** Only the monitor may. */
  describe(description: Description): void {
    writeDescription(this.#memory, this.#header, description);
    // Last: whoever sees in the header that a reload has failed finds the reason in the description.
    writeHeader(this.#memory, description);
  }

  /** What describe() was told last; undefined before the first time. */
  get description(): Description | undefined {
    return readDescription(this.#memory, this.#header);
  }

  /** The whole service ends. */
  get stopping(): boolean {
    return Atomics.load(this.#header, HEADER.stopping) !== 0;
  }
  set stopping(on: boolean) {
    Atomics.store(this.#header, HEADER.stopping, Number(on));
  }
}
