import { EventedChannel } from '../channel/evented.js';
import type { ToMonitor } from '../channel/messages.js';
import type { WorkerFacts } from '../policy/supervision.js';
import type { Scoreboard, WorkerRecord } from '../scoreboard/index.js';
import { Worker } from './crew.js';

export interface WorkersOptions {
  readonly scoreboard: Scoreboard;
  readonly message: (worker: Worker, message: ToMonitor) => void;
  /** Nobody holds the worker's channel any more. */
  readonly unheard: (worker: Worker) => void;
}

/** The processes that serve, each with its slot, its record on the scoreboard and its channel. */
export class Workers implements Iterable<Worker> {
  readonly #options: WorkersOptions;
  readonly #all = new Set<Worker>();

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  [Symbol.iterator](): Iterator<Worker> {
    return this.#all.values();
  }

  get size(): number {
    return this.#all.size;
  }

  /** Whether any serves. */
  get serve(): boolean {
    return [...this.#all].some(({ phase }) => phase === 'ready');
  }

  has(worker: Worker): boolean {
    return this.#all.has(worker);
  }

  withRecord(index: number): Worker | undefined {
    return [...this.#all].find(({ record }) => record.index === index);
  }

  withPid(pid: number): Worker | undefined {
    return [...this.#all].find((worker) => worker.pid === pid);
  }

  /** One that is yet to be forked, and the descriptor of its end of its channel. */
  add(slot: number, generation: number, now: number): [Worker, number] {
    const record = this.#freeRecord();
    Object.assign(record, { state: 'booting', slot, generation, heartbeat: now, startedAt: Date.now() });
    const worker = new Worker(slot, generation, record, now);
    const [channel, theirs] = EventedChannel.open({
      message: (message) => this.#options.message(worker, message),
      closed: () => this.#options.unheard(worker),
    });
    worker.channel = channel;
    this.#all.add(worker);
    return [worker, theirs];
  }

  /** It has ended, or never came to life. */
  forget(worker: Worker): void {
    this.#all.delete(worker);
    worker.channel.close();
    worker.record.clear();
  }

  /** @param heartbeatsFrom heartbeats before that say nothing */
  facts(heartbeatsFrom: number): WorkerFacts[] {
    return [...this.#all].map(({ record, slot, generation, phase, since, expired, killed, readyAt = 0 }) => ({
      record: record.index,
      slot,
      generation,
      phase,
      since,
      expired,
      killed,
      accepting: phase !== 'draining' || record.state !== 'draining',
      heartbeat: Math.max(record.heartbeat, readyAt, heartbeatsFrom),
    }));
  }

  #freeRecord(): WorkerRecord {
    const used = new Set([...this.#all].map(({ record }) => record.index));
    let index = 0;
    while (used.has(index)) index++;
    const record = this.#options.scoreboard.record(index);
    record.clear();
    return record;
  }
}
