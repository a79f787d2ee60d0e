import type { NodeFlags } from '../../node/flags.js';
import { getpid, growYoungGeneration, scavengeTime, threadCpuTime, trimMalloc } from '../../posix/index.js';
import { readUsage } from '../../proc/usage.js';
import { collectGarbage } from '../garbage.js';
import { type Beat, collectionPays, Rest } from '../policy/rest.js';
import { firstSize, nextSize, setsYoungGeneration } from '../policy/young-generation.js';

/** How often free memory is given back, in milliseconds: each time takes half a millisecond, rarely six. */
const TRIM_INTERVAL_MS = 2000;

/** The processor time after which the share of collections is computed, in milliseconds. */
const LEAST_CPU_MS = 500;

export interface WorkerMemoryOptions {
  /** How large V8's young generation may grow, in bytes; 0 for as large as V8 wants. */
  readonly maxYoungGeneration: number;
  readonly nodeFlags: NodeFlags;
}

/** Keeps what a worker has for itself small. */
export class WorkerMemory {
  readonly #cap: number;
  /** How large the young generation may be now, in bytes. */
  #allowed: number;
  /** Undefined where V8 is left to itself. */
  #scavenges: ScavengeShare | undefined;
  readonly #rest = new Rest();
  #trimAt = 0;
  #requests = 0;
  /** What the worker had for itself after its last collection at rest, in bytes. */
  #least = 0;

  constructor({ maxYoungGeneration, nodeFlags }: WorkerMemoryOptions) {
    // A monitor of an older version names no maximum.
    this.#cap = setsYoungGeneration(nodeFlags) ? 0 : (maxYoungGeneration ?? 0);
    this.#allowed = firstSize(this.#cap);
  }

  /** To be called in the zygote, once its memory is as workers are to have it. */
  begin(): void {
    if (this.#cap > 0 && growYoungGeneration(this.#allowed) !== undefined) this.#scavenges = new ScavengeShare();
  }

  /** To be called in a worker: a fork's processor time begins anew. */
  enterWorker(): void {
    if (this.#scavenges !== undefined) this.#scavenges = new ScavengeShare();
  }

  /** To be called at each heartbeat. */
  look(beat: Beat): void {
    this.#bound();
    if (this.#rest.isDue(beat)) this.#collect();
    const { now, requests } = beat;
    if (now < this.#trimAt || requests === this.#requests) return; // A worker that rests frees nothing.
    this.#trimAt = now + TRIM_INTERVAL_MS;
    this.#requests = requests;
    trimMalloc();
  }

  // In place of V8's memory reducer, which would do so in each worker, whatever it gains.
  #collect(): void {
    const memory = readUsage(getpid());
    if (!memory || !collectionPays(memory, this.#least)) return;
    collectGarbage();
    trimMalloc();
    this.#least = readUsage(getpid())?.private ?? 0;
  }

  // V8 reads its maximum once, at its start, where a small one would have the app's load fragment the heap.
  #bound(): void {
    if (this.#scavenges === undefined) return;
    const share = this.#scavenges.take();
    if (growYoungGeneration(this.#allowed)) return; // V8 has not made use of that yet.
    this.#allowed = nextSize(this.#allowed, this.#cap, share);
    growYoungGeneration(this.#allowed);
  }
}

/** What part of the main thread's processor time its collections of the young generation take. */
class ScavengeShare {
  #time = scavengeTime();
  #cpu = threadCpuTime();

  /** @returns 0 while there is too little to tell from; 1 where this Node does not tell */
  take(): number {
    if (this.#time === undefined) return 1;
    const now = threadCpuTime();
    const cpu = now - this.#cpu;
    if (cpu < LEAST_CPU_MS) return 0;
    const time = scavengeTime() ?? 0;
    const share = (time - this.#time) / cpu;
    this.#time = time;
    this.#cpu = now;
    return share;
  }
}
