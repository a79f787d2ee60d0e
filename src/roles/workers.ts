import { EventedChannel } from '../channel/evented.js';
import type { ToMonitor } from '../channel/messages.js';
import { LOST_AFTER, type WorkerFacts } from '../policy/supervision.js';
import { monotonicNow, type Scoreboard, type WorkerRecord } from '../scoreboard/index.js';
import { Worker } from './crew.js';

export interface WorkersOptions {
  readonly scoreboard: Scoreboard;
  readonly message: (worker: Worker, message: ToMonitor) => void;
  /** No process holds the worker's channel any more, or it is of no use for the given reason. */
  readonly unheard: (worker: Worker, reason: string | undefined) => void;
  /** A message to one of them could not be sent yet. */
  readonly delayed: (why: string) => void;
}

/** The processes that serve, each with its slot, its record on the scoreboard and its channel. */
export class Workers implements Iterable<Worker> {
  readonly #options: WorkersOptions;
  readonly #all = new Set<Worker>();
  #count = 0;

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

  /**
   * One that is yet to be forked, and the descriptor of its end of its channel. There must be a free record.
   * @throws EMFILE, ENFILE, … when there is no channel for it; there is no worker then
   */
  add(slot: number, generation: number, now: number): [Worker, number] {
    const record = this.#freeRecord();
    const worker = new Worker(this.#count++, slot, generation, record, now);
    const [channel, theirs] = EventedChannel.open({
      message: (message) => this.#options.message(worker, message),
      closed: (reason) => this.#options.unheard(worker, reason),
      delayed: this.#options.delayed,
    });
    worker.channel = channel;
    record.clear();
    Object.assign(record, { state: 'booting', slot, generation, heartbeat: now, startedAt: Date.now() });
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
    const now = monotonicNow();
    return [...this.#all].map((worker) => factsOf(worker, heartbeatsFrom, now));
  }

  #freeRecord(): WorkerRecord {
    const used = new Set([...this.#all].map(({ record }) => record.index));
    let index = 0;
    while (used.has(index)) index++;
    return this.#options.scoreboard.record(index);
  }
}

function factsOf(worker: Worker, heartbeatsFrom: number, now: number): WorkerFacts {
  const { record, serial, slot, generation, phase, since, expired, killed, readyAt = 0 } = worker;
  if (killed) worker.killedAt ??= now;
  return {
    record: record.index,
    serial,
    slot,
    generation,
    phase,
    since,
    expired,
    killed,
    lost: now - (worker.killedAt ?? now) >= LOST_AFTER,
    accepting: phase !== 'draining' || record.state !== 'draining',
    heartbeat: Math.max(record.heartbeat, readyAt, heartbeatsFrom),
  };
}
