/**
 * Where things lie in the shared memory, in bytes: a header, two places for the description that take turns, and the
 * workers' records. A change of any of it is a new VERSION, and raises
 * "zygote.protocol" in package.json.
 */
export const MAGIC = 0x62_6f_66_70; // 'pfob' in memory
export const VERSION = 1;
export const RECORDS = 1024;

export const HEADER_SIZE = 128;
/** Each has its length in its first 4 bytes. */
export const DESCRIPTION_SIZE = 64 * 1024;
/** Two lines of the processor's cache: workers that write do not disturb each other. */
export const RECORD_SIZE = 128;

export const RECORDS_OFFSET = HEADER_SIZE + 2 * DESCRIPTION_SIZE;
export const SIZE = RECORDS_OFFSET + RECORDS * RECORD_SIZE;

/** The header's numbers, of 32 bits each. */
export const HEADER = { magic: 0, version: 1, records: 2, stopping: 3, sequence: 4 } as const;

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

export function descriptionOffset(sequence: number): number {
  return HEADER_SIZE + (sequence & 1) * DESCRIPTION_SIZE;
}

export function recordOffset(index: number): number {
  if (Number.isInteger(index) && index >= 0 && index < RECORDS) return RECORDS_OFFSET + index * RECORD_SIZE;
  throw new RangeError(`there is no record ${index}; there are ${RECORDS}`);
}
