import { checkDescription, type Description } from './check-description.js';
import { DESCRIPTION_SIZE, DESCRIPTIONS, descriptionOffset, HEADER, type Places } from './layout.js';

const ROOM = DESCRIPTION_SIZE - 4;

/**
 * Writes to the place that is not the current one, and then makes it current: a reader finds a whole one even if this
 * process stops half-way.
 */
export function writeDescription(memory: ArrayBuffer, header: Int32Array, description: Description): void {
  const text = fitting(description);
  const next = Atomics.load(header, HEADER.sequence) + 1;
  const place = Buffer.from(memory, descriptionOffset(next), DESCRIPTION_SIZE);
  place.writeUInt32LE(text.length, 0);
  text.copy(place, 4);
  Atomics.store(header, HEADER.sequence, next);
}

/** The current one; undefined before the first. @throws Error for what is none */
export function readDescription(
  memory: ArrayBuffer,
  header: Int32Array,
  places: Places = DESCRIPTIONS,
): Description | undefined {
  for (;;) {
    const sequence = Atomics.load(header, HEADER.sequence);
    if (sequence === 0) return undefined;
    const place = Buffer.from(memory, descriptionOffset(sequence, places), places.size);
    // A copy: the place may be written anew meanwhile, which the sequence then shows.
    const text = Buffer.from(place.subarray(4, 4 + Math.min(place.readUInt32LE(0), places.size - 4)));
    if (Atomics.load(header, HEADER.sequence) === sequence) return checkDescription(parsed(text));
  }
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}

/** As JSON, without what is long where all of it has no room. */
function fitting(description: Description): Buffer {
  const { listeners, reload } = description;
  const forms = [
    () => description,
    () => ({ ...description, args: ['…'] }),
    () => ({ ...description, args: ['…'], listeners: listeners.slice(0, 64), reload: { ...reload, reason: '…' } }),
  ];
  for (const form of forms) {
    const text = Buffer.from(JSON.stringify(form()));
    if (text.length <= ROOM) return text;
  }
  throw new RangeError(`the description has more than ${ROOM} bytes`);
}
