import { getHeapSpaceStatistics } from 'node:v8';
import type { NodeFlags } from '../node/flags.js';
import { setYoungGrowth } from '../node/garbage.js';
import { trimMalloc } from '../posix/index.js';
import { type GrowthFactor, growthFactor, setYoungGeneration } from './policy/young-generation.js';

/** How often free memory is given back, in milliseconds: each time takes half a millisecond, rarely six. */
const TRIM_INTERVAL_MS = 2000;

export interface WorkerMemoryOptions {
  /** How large V8's young generation may grow, in bytes; 0 for as large as V8 wants. */
  readonly maxYoungGeneration: number;
  readonly nodeFlags: NodeFlags;
}

/** Keeps what a worker has for itself small. */
export class WorkerMemory {
  readonly #cap: number;
  #factor: GrowthFactor = 2;
  #trimAt = 0;
  #requests = 0;

  constructor({ maxYoungGeneration, nodeFlags }: WorkerMemoryOptions) {
    // A monitor of an older version names no maximum.
    this.#cap = setYoungGeneration(nodeFlags) ? 0 : (maxYoungGeneration ?? 0);
  }

  /** To be called once the process is a worker. */
  begin(): void {
    this.#bound();
  }

  /**
   * To be called now and then.
   * @param now in milliseconds
   * @param requests how many were answered, ever: a worker that rests has nothing to give back
   */
  look(now: number, requests: number): void {
    this.#bound();
    if (now < this.#trimAt || requests === this.#requests) return;
    this.#trimAt = now + TRIM_INTERVAL_MS;
    this.#requests = requests;
    trimMalloc();
  }

  // V8 reads its maximum once, at its start, where a small one would have the app's load fragment the heap. But how
  // fast it grows it reads each time.
  #bound(): void {
    if (this.#cap === 0) return;
    const factor = growthFactor({ size: youngGeneration(), cap: this.#cap });
    if (factor === this.#factor) return;
    this.#factor = factor;
    setYoungGrowth(factor);
  }
}

/** In bytes, both halves. */
function youngGeneration(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
}
