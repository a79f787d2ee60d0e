import type { Description } from './check-description.js';
import { readDescription } from './description.js';
import {
  HEADER,
  HEADER_SIZE,
  HEADER_VERSION,
  LAYOUT,
  MAGIC,
  type Places,
  SIZE,
  STARTED_AT_OFFSET,
  VERSION_OFFSET,
  VERSION_SIZE,
} from './layout.js';

/** By their numbers in the header. */
const RELOAD_STATES = ['none', 'running', 'done', 'failed'] as const;

/** Where prefork 0.1.0 had its description at first, when the header did not hold what is read from it here. */
const FIRST_LAYOUT = 1;
const FIRST_DESCRIPTIONS: Places = { offset: 128, size: 64 * 1024 };

/** What a server says to every version of prefork: enough to find, stop, reload and scale it. */
export interface Header {
  /** The version of the prefork that started it. */
  readonly version: string;
  /** The monitor's. */
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** How many workers are wanted. */
  readonly target: number;
  readonly generation: number;
  readonly stopping: boolean;
  readonly reload: Pick<Description['reload'], 'state' | 'generation'>;
  /** Whether this version of prefork can read all the rest of the scoreboard. */
  readonly known: boolean;
}

/** Maps the first bytes of the memory. */
export type MapMemory = (size: number) => ArrayBuffer;

export function numbersOf(memory: ArrayBuffer): Int32Array {
  return new Int32Array(memory, 0, HEADER_SIZE / 4);
}

/** Writes what the description says. Each number is whole at any time; the pid is there once all of them are. */
export function writeHeader(memory: ArrayBuffer, description: Description): void {
  const { version, pid, startedAt, target, generation, stopping, reload } = description;
  const numbers = numbersOf(memory);
  if (numbers[HEADER.pid] === 0) {
    Buffer.from(memory, VERSION_OFFSET, VERSION_SIZE - 1).write(version);
    new Float64Array(memory, STARTED_AT_OFFSET, 1)[0] = startedAt;
    Atomics.store(numbers, HEADER.headerVersion, HEADER_VERSION);
  }
  Atomics.store(numbers, HEADER.target, target);
  Atomics.store(numbers, HEADER.generation, generation);
  Atomics.store(numbers, HEADER.reloadState, RELOAD_STATES.indexOf(reload.state));
  Atomics.store(numbers, HEADER.reloadGeneration, reload.generation);
  if (stopping) Atomics.store(numbers, HEADER.stopping, 1);
  Atomics.store(numbers, HEADER.pid, pid);
}

/**
 * Reads the header of any version of prefork.
 * @param size of the memory: to map or read past the end of it would be a SIGBUS
 * @throws when it is no scoreboard, or the server has not described itself yet
 */
export function readHeader(map: MapMemory, size: number): Header {
  const numbers = size < HEADER_SIZE ? undefined : numbersOf(map(HEADER_SIZE));
  if (numbers?.[HEADER.magic] !== MAGIC) throw new Error('what it calls its scoreboard is none of prefork');
  const known = numbers[HEADER.layout] === LAYOUT && size === SIZE;
  const header = Atomics.load(numbers, HEADER.headerVersion) === 0 ? readFirst(map, size) : readNumbers(numbers);
  if (header === undefined || header.pid === 0) throw new Error('the server has not started yet');
  return { ...header, stopping: header.stopping || Atomics.load(numbers, HEADER.stopping) !== 0, known };
}

function readNumbers(numbers: Int32Array): Omit<Header, 'known'> {
  const { buffer } = numbers;
  const version = Buffer.from(buffer, VERSION_OFFSET, VERSION_SIZE).toString().replace(/\0.*$/s, '');
  const [startedAt = 0] = new Float64Array(buffer, STARTED_AT_OFFSET, 1);
  const load = (field: keyof typeof HEADER) => Atomics.load(numbers, HEADER[field]);
  // The generation first: the state that is read after it is of this reload or of a later one.
  const generation = load('reloadGeneration');
  const state = RELOAD_STATES[load('reloadState')] ?? 'none';
  return {
    version,
    pid: load('pid'),
    startedAt,
    target: load('target'),
    generation: load('generation'),
    stopping: false,
    reload: { state, generation },
  };
}

/** Reads a header without numbers of its own: they are taken from the description. */
function readFirst(map: MapMemory, size: number): Omit<Header, 'known'> | undefined {
  const end = FIRST_DESCRIPTIONS.offset + 2 * FIRST_DESCRIPTIONS.size;
  const memory = size < end ? undefined : map(end);
  if (memory === undefined || numbersOf(memory)[HEADER.layout] !== FIRST_LAYOUT) return undefined;
  const description = readDescription(memory, numbersOf(memory), FIRST_DESCRIPTIONS);
  if (description === undefined) return undefined;
  const { version, pid, startedAt, target, generation, stopping, reload } = description;
  return { version, pid, startedAt, target, generation, stopping, reload };
}
