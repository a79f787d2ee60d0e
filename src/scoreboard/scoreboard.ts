import { fstatSync } from 'node:fs';
import { addSeals } from '../posix/seals.js';
import { createSharedMemory, mapSharedMemory } from '../posix/shared-memory.js';
import type { Description } from './check-description.js';
import { readDescription, writeDescription } from './description.js';
import { numbersOf, writeHeader } from './header.js';
import { HEADER, LAYOUT, MAGIC, RECORDS, recordOffset, SIZE } from './layout.js';
import { WorkerRecord } from './record.js';

export const NAME = 'prefork-scoreboard';
const OTHER_VERSION = 'the scoreboard is that of another version of prefork';

/**
 * What the monitor says of its server: how it goes, and how it goes to each worker. The server's other processes, and
 * other processes that may look into them, read it; only the mapping of the process that has created it can be written.
 */
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

  /** A new one; its descriptor is close-on-exec. memfd_create(2), memory sealing in fcntl(2). */
  static create(): Scoreboard {
    const fd = createSharedMemory(NAME, SIZE);
    const board = new Scoreboard(fd, mapSharedMemory(fd, SIZE));
    sealAgainstWriting(fd);
    board.#header[HEADER.layout] = LAYOUT;
    board.#header[HEADER.records] = RECORDS;
    Atomics.store(board.#header, HEADER.magic, MAGIC);
    return board;
  }

  /** One that exists, for reading. @throws when its layout is not the one of this version of prefork */
  static attach(fd: number): Scoreboard {
    // The size first: to read past the end of it would be a SIGBUS.
    if (fstatSync(fd).size === SIZE) {
      const board = new Scoreboard(fd, mapSharedMemory(fd, SIZE, true));
      if (board.#header[HEADER.magic] === MAGIC && board.#header[HEADER.layout] === LAYOUT) return board;
    }
    throw new Error(OTHER_VERSION);
  }

  /** A copy of one's memory, of which nothing is believed. @throws as attach() */
  static copied(memory: ArrayBuffer): Scoreboard {
    if (memory.byteLength === SIZE) {
      const board = new Scoreboard(-1, memory);
      if (board.#header[HEADER.magic] === MAGIC && board.#header[HEADER.layout] === LAYOUT) return board;
    }
    throw new Error(OTHER_VERSION);
  }

  /** @param index 0 to `size` - 1 */
  record(index: number): WorkerRecord {
    return new WorkerRecord(this.#memory, index, recordOffset(index));
  }

  /** Only the monitor may. */
  describe(description: Description): void {
    writeDescription(this.#memory, this.#header, description);
    // This is written last: who reads in the header that a reload has failed finds the reason in the description.
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

/** Its size is sealed as well: to read past its end would be a SIGBUS. */
function sealAgainstWriting(fd: number): void {
  try {
    addSeals(fd, ['future-write']);
  } catch (error) {
    // A kernel before 5.1 does not know it: there, the server's processes could write the scoreboard.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  }
  addSeals(fd, ['shrink', 'grow', 'seal']);
}
