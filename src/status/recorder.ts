import { delayOf } from './figures.js';
import { type HistoryPoint, HistoryRing, INTERVAL, type Mark, Marks } from './history.js';
import type { StatusSource } from './source.js';
import { collect, type Status } from './status.js';

/** Memory is looked at with each third point only: the kernel goes over all page tables of the service for it. */
const MEMORY_EVERY = 3;

/** What a point is made of. */
export interface Look {
  readonly status: Status;
  /** How many requests there had been. */
  readonly served: number;
}

/** Takes a point of the history again and again, whether somebody looks at it or not. */
export class Recorder {
  readonly history: HistoryRing;
  readonly #source: StatusSource;
  readonly #marks = new Marks();
  #earlier: Look | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param interval milliseconds from one point to the next */
  constructor(source: StatusSource, interval = INTERVAL) {
    this.#source = source;
    this.history = new HistoryRing(interval);
    this.#wait();
  }

  mark(mark: Omit<Mark, 'count'>): void {
    this.#marks.add(mark);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#sample()
        .catch(() => {}) // There is nothing to tell yet, or the scoreboard is not to be read for now.
        .then(() => this.#timer && this.#wait());
    }, this.history.interval).unref();
  }

  async #sample(): Promise<void> {
    const withMemory = this.history.added % MEMORY_EVERY === 0;
    const source = this.#source;
    const { snapshot, served } = source.seen;
    const looking = withMemory ? source.status() : collect(snapshot(), () => null);
    const requests = served?.(); // Until the snapshot: reading the memory takes some turns.
    const status = await looking;
    const look = { status, served: requests ?? status.totals.requests };
    this.history.add({ ...pointOf(look, this.#earlier), marks: this.#marks.take() });
    this.#earlier = look;
  }
}

/** @param earlier of the point before */
export function pointOf({ status, served }: Look, earlier: Look | undefined): Omit<HistoryPoint, 'marks'> {
  const { time, workers, totals, description, monitor } = status;
  const { forked } = description.counters;
  return {
    time,
    requests: earlier === undefined ? null : perSecond(served - earlier.served, time - earlier.status.time),
    connections: totals.connections,
    memory: monitor.usage === null ? null : totals.pss,
    loopDelay: Math.round(Math.max(0, ...workers.map(delayOf))),
    ready: totals.ready,
    forked: forked - (earlier?.status.description.counters.forked ?? forked),
  };
}

/** To a tenth; null where the clock was set back. */
function perSecond(number: number, milliseconds: number): number | null {
  return milliseconds > 0 ? Math.max(0, Math.round((number * 10_000) / milliseconds) / 10) : null;
}
