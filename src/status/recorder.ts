import { delayOf, requestRates, totalRate } from './figures.js';
import { type HistoryPoint, HistoryRing, INTERVAL, type Mark, Marks } from './history.js';
import type { StatusSource } from './source.js';
import { collect, type Status } from './status.js';

/** Memory is looked at with each third point only: the kernel goes over all page tables of the service for it. */
const MEMORY_EVERY = 3;

/** Takes a point of the history again and again, whether somebody looks at it or not. */
export class Recorder {
  readonly history: HistoryRing;
  readonly #source: StatusSource;
  readonly #marks = new Marks();
  #earlier: Status | undefined;
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
      this.#look()
        .catch(() => {}) // There is nothing to tell yet, or the scoreboard is not to be read for now.
        .then(() => this.#timer && this.#wait());
    }, this.history.interval).unref();
  }

  async #look(): Promise<void> {
    const withMemory = this.history.added % MEMORY_EVERY === 0;
    const source = this.#source;
    const status = withMemory ? await source.status() : collect(source.snapshot(), () => null);
    const point = pointOf(status, this.#earlier);
    this.history.add({ ...point, marks: this.#marks.take() });
    this.#earlier = status;
  }
}

/** @param earlier of the point before */
export function pointOf(status: Status, earlier: Status | undefined): Omit<HistoryPoint, 'marks'> {
  const { time, workers, totals, description, monitor } = status;
  const requests = totalRate(requestRates(status, earlier));
  const forkedBefore = earlier?.description.counters.forked ?? description.counters.forked;
  return {
    time,
    requests: requests === undefined ? null : Math.round(requests * 10) / 10,
    connections: totals.connections,
    memory: monitor.usage === null ? null : totals.pss,
    loopDelay: Math.round(Math.max(0, ...workers.map(delayOf))),
    ready: totals.ready,
    forked: description.counters.forked - forkedBefore,
  };
}
