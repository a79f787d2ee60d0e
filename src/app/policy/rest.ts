/** How long a worker rests before it collects, in milliseconds; up to twice as long, by chance: not all collect at once. */
const REST_MS = 60_000;

/** The part of the time in which the event loop may be busy while the worker rests. */
const MAX_BUSY = 0.1;

/** In bytes, and as a part of all memory: a collection stops the worker, and writes to pages that it shares. */
const MIN_GAIN = 16 * 2 ** 20;
const MIN_GAIN_PART = 1 / 8;

export interface Beat {
  /** In milliseconds. */
  readonly now: number;
  /** How many requests were answered, ever. */
  readonly requests: number;
  /** The part of the time since the last beat in which the event loop was busy. */
  readonly busy: number;
}

/** Says that a worker has rested for long enough, once until it has work again. */
export class Rest {
  readonly #draw: () => number;
  #requests = 0;
  #dueAt = Number.POSITIVE_INFINITY;

  /** @param draw gives a number from 0 to 1 */
  constructor(draw: () => number = Math.random) {
    this.#draw = draw;
  }

  isDue({ now, requests, busy }: Beat): boolean {
    if (requests !== this.#requests || busy > MAX_BUSY) {
      this.#requests = requests;
      this.#dueAt = now + REST_MS * (1 + this.#draw());
      return false;
    }
    if (now < this.#dueAt) return false;
    this.#dueAt = Number.POSITIVE_INFINITY;
    return true;
  }
}

/**
 * Whether a worker has so much more for itself than after its last collection that another one pays.
 * @param memory in bytes: what it has for itself now, and all of its memory
 * @param least what it had for itself after the last one, in bytes; 0 before the first
 */
export function collectionPays(memory: { readonly private: number; readonly rss: number }, least: number): boolean {
  return memory.private - least >= Math.max(MIN_GAIN, memory.rss * MIN_GAIN_PART);
}
