/**
 * Where things lie in the shared memory, in bytes: a header, two places for the description that take turns, and the
 * workers' records. A change of any of it raises "zygote.protocol" in package.json.
 *
 * The header is what an older or a newer prefork stops, reloads and scales a server by, and what it finds servers by,
 * together with the memory's name, 'prefork-scoreboard' (see proc_pid_fd(5)). So it only grows: a field never changes its
 * place or its meaning, and a new one is a new HEADER_VERSION. Everything behind it, and the fields of the header that are
 * marked as the layout's, may change with LAYOUT; a reader that does not know the layout keeps to the header.
 */
export const MAGIC = 0x62_6f_66_70; // 'pfob' in memory
export const LAYOUT = 1;
/** 0 is what prefork 0.1.0 wrote at first: no fields from `headerVersion` on, all of it in the description. */
export const HEADER_VERSION = 1;
export const RECORDS = 1024;

export const HEADER_SIZE = 128;
/** Each has its length in its first 4 bytes. */
export const DESCRIPTION_SIZE = 64 * 1024;
/** Two lines of the processor's cache: workers that write do not disturb each other. */
export const RECORD_SIZE = 128;

export const RECORDS_OFFSET = HEADER_SIZE + 2 * DESCRIPTION_SIZE;
export const SIZE = RECORDS_OFFSET + RECORDS * RECORD_SIZE;

/** The header's numbers, of 32 bits each, in the machine's byte order. */
export const HEADER = {
  magic: 0,
  layout: 1,
  /** How many records there are: the layout's. */
  records: 2,
  /** Not 0: the whole service ends. */
  stopping: 3,
  /** Which place has the description: the layout's. */
  sequence: 4,
  headerVersion: 5,
  /** The monitor's process id, in its own namespace; 0 before the header is written. */
  pid: 6,
  /** How many workers are wanted. */
  target: 7,
  /** The oldest generation that may serve. */
  generation: 8,
  /** State of the last reload: 0 there was none, 1 it runs, 2 done, 3 failed. Written before its generation. */
  reloadState: 9,
  /** The generation that the last reload loads, or loaded; each reload has a greater one than those before it. */
  reloadGeneration: 10,
} as const;

/** A number of 64 bits, in milliseconds since 1970: when the server started. With the pid it tells servers apart. */
export const STARTED_AT_OFFSET = 48;
/** prefork's version as text, UTF-8, with zero bytes behind it. */
export const VERSION_OFFSET = 56;
export const VERSION_SIZE = 64;

/** Two places that take turns, each `size` bytes long, from `offset` on. */
export interface Places {
  readonly offset: number;
  readonly size: number;
}

export const DESCRIPTIONS: Places = { offset: HEADER_SIZE, size: DESCRIPTION_SIZE };

/** A record's numbers: first those of 32 bits, then, from COUNTERS_OFFSET on, those of 64. */
export const FIELDS = { state: 0, pid: 1, slot: 2, generation: 3 } as const;
export const COUNTERS_OFFSET = 16;
export const COUNTERS = {
  connections: 0,
  accepted: 1,
  requests: 2,
  startedAt: 3,
  heartbeat: 4,
  loopDelay: 5,
  busy: 6,
} as const;

export function descriptionOffset(sequence: number, { offset, size } = DESCRIPTIONS): number {
  return offset + (sequence & 1) * size;
}

export function recordOffset(index: number): number {
  if (Number.isInteger(index) && index >= 0 && index < RECORDS) return RECORDS_OFFSET + index * RECORD_SIZE;
  throw new RangeError(`there is no record ${index}; there are ${RECORDS}`);
}
