import { type ChannelListener, EventedChannel } from '../channel/evented.js';
import { type AppMessage, LONGEST_MESSAGE } from '../channel/framing.js';
import type { ToMonitor } from '../channel/messages.js';
import { discard } from '../posix/file.js';
import type { Sender } from '../posix/index.js';
import { createReport, monotonicNow, type Scoreboard, type WorkerRecord } from '../scoreboard/index.js';
import { LOST_AFTER, type WorkerFacts } from './policy/supervision.js';
import { checkReport } from './policy/worker-report.js';
import { Worker } from './processes.js';

export interface WorkersOptions {
  readonly scoreboard: Scoreboard;
  readonly message: (worker: Worker, message: ToMonitor, sender: Sender) => void;
  /** Its app has something to say to the monitor's parent. */
  readonly forParent: (worker: Worker, said: AppMessage) => void;
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
  #requestsOfEnded = 0;

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
  get hasReadyWorker(): boolean {
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
   * One that is yet to be forked, and the descriptors that it is to have: its end of its channel, and the memory of its
   * report. There must be a free record.
   * @throws EMFILE, ENFILE, … when there is no channel or no memory for it; there is no worker then
   */
  add(slot: number, generation: number, now: number): [Worker, number[]] {
    const record = this.#freeRecord();
    const worker = new Worker(this.#count++, slot, generation, record, now);
    const { fd, record: report } = createReport(record.index);
    worker.report = report;
    const [channel, theirs] = this.#open(worker, fd);
    worker.channel = channel;
    record.clear();
    Object.assign(report, { state: 'booting', heartbeat: now });
    Object.assign(record, { state: 'booting', slot, generation, heartbeat: now, startedAt: Date.now() });
    this.#all.add(worker);
    return [worker, [theirs, fd]];
  }

  /** Brings the scoreboard up to date with what the workers report. @returns whether any of them does something */
  readReports(now: number): boolean {
    let isActive = false;
    for (const worker of this.#all) if (readReport(worker, now)) isActive = true;
    return isActive;
  }

  /** @param report a descriptor, which is closed when there is no channel */
  #open(worker: Worker, report: number): [EventedChannel, number] {
    try {
      return EventedChannel.open(this.#listenerFor(worker), LONGEST_MESSAGE);
    } catch (error) {
      discard(report);
      throw error;
    }
  }

  #listenerFor(worker: Worker): ChannelListener {
    return {
      message: (message, sender) => this.#options.message(worker, message, sender),
      forParent: (said) => this.#options.forParent(worker, said),
      closed: (reason) => this.#options.unheard(worker, reason),
      delayed: this.#options.delayed,
    };
  }

  /** How many requests there have been so far, those to workers that have ended included. */
  get requests(): number {
    return [...this.#all].reduce((sum, { record }) => sum + record.requests, this.#requestsOfEnded);
  }

  /** It has ended, or never came to life. */
  forget(worker: Worker): void {
    this.#all.delete(worker);
    readReport(worker, monotonicNow()); // What it said last.
    this.#requestsOfEnded += worker.record.requests;
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

/** @returns whether there is something new but that its event loop turns */
function readReport({ pid, record, report }: Worker, now: number): boolean {
  const { connections, requests, state } = record;
  Object.assign(record, checkReport(record, report, now));
  // Before its first message it has no process id that others could be told: until then it boots, whatever it reports.
  if (pid === undefined) return record.connections !== connections || record.requests !== requests;
  record.pid = pid;
  // In this order only.
  const said = report.state;
  if (said === 'draining' || (said === 'ready' && state === 'booting')) record.state = said;
  return record.connections !== connections || record.requests !== requests || record.state !== state;
}
