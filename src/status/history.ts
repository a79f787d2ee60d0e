/** What happened to the service, as a plot shows it. */
export interface Mark {
  readonly type: MarkType;
  /** Milliseconds since 1970; of several, of the last. */
  readonly time: number;
  /** How many of this type there were since the point before. */
  readonly count: number;
  /** A sentence about the last of them. */
  readonly text: string;
}

export type MarkType = 'died' | 'reload begins' | 'reloaded' | 'reload failed';

/** How the service went at one time. */
export interface HistoryPoint {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Per second since the point before; null for the first one. */
  readonly requests: number | null;
  /** Open at this time. */
  readonly connections: number;
  /** PSS of all processes, in bytes; null where it was not looked at, or may not be. */
  readonly memory: number | null;
  /** The longest of all workers' event loops, in milliseconds. */
  readonly loopDelay: number;
  readonly ready: number;
  /** Workers forked since the point before. */
  readonly forked: number;
  /** What happened since the point before. */
  readonly marks: readonly Mark[];
}

export interface History {
  /** Milliseconds from one point to the next, as far as the monitor had the time. */
  readonly interval: number;
  /** Oldest first. */
  readonly points: readonly HistoryPoint[];
}

/** Milliseconds that are remembered, and how often a point is taken. */
export const SPAN = 15 * 60_000;
export const INTERVAL = 5000;
const POINTS = SPAN / INTERVAL;

/** The last points, in the place that these take. */
export class HistoryRing {
  readonly #points: HistoryPoint[] = [];
  /** How many there have been. */
  #added = 0;

  constructor(
    readonly interval: number = INTERVAL,
    readonly size: number = POINTS,
  ) {}

  get added(): number {
    return this.#added;
  }

  add(point: HistoryPoint): void {
    this.#points[this.#added % this.size] = point;
    this.#added++;
  }

  /** @param told how many had been added when it was last asked for: these are left out */
  since(told = 0): History {
    const first = Math.max(told, this.#added - this.size);
    const number = Math.max(0, this.#added - first);
    const points = Array.from({ length: number }, (_, index) => this.#points[(first + index) % this.size]);
    return { interval: this.interval, points: points as HistoryPoint[] };
  }
}

/** What has happened since they were last taken: one of each type, however many there are. */
export class Marks {
  readonly #marks = new Map<MarkType, Mark>();

  add(mark: Omit<Mark, 'count'>): void {
    const count = (this.#marks.get(mark.type)?.count ?? 0) + 1;
    this.#marks.set(mark.type, { ...mark, count });
  }

  take(): Mark[] {
    const marks = [...this.#marks.values()].sort((a, b) => a.time - b.time);
    this.#marks.clear();
    return marks;
  }
}
