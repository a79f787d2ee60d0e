import { Holds, type LoadPlan } from '../policy/holds.js';
import { LoadFailures } from '../policy/load-failures.js';
import { Reloads } from '../policy/reloads.js';
import { SlotHistory } from '../policy/slot-history.js';
import type { Stopping } from '../policy/stopping.js';
import type { Facts, Limits } from '../policy/supervision.js';
import { Turns } from '../policy/turns.js';
import type { UseLimits } from '../policy/worker-limits.js';
import { getpid } from '../posix/index.js';
import type { Description, Scoreboard } from '../scoreboard/index.js';
import type { AppOptions } from './app-process.js';
import type { Worker } from './crew.js';
import type { MonitorEvent } from './events.js';
import type { Listeners } from './listeners.js';
import { Reaper } from './reaper.js';
import type { Workers } from './workers.js';
import type { Zygotes } from './zygotes.js';

export interface MonitorOptions {
  readonly app: Omit<AppOptions, 'monitor' | 'generation' | keyof LoadPlan>;
  /** See Settings. */
  readonly holdConnects: readonly string[];
  readonly args: readonly string[];
  readonly workers: number;
  readonly limits: Limits;
  readonly use: UseLimits;
  readonly jitter: number;
  /** Bytes that a worker holds; asked for only when there is a limit. */
  readonly memoryOf: (pid: number) => number;
  readonly scoreboard: Scoreboard;
  readonly listeners: Listeners;
  readonly report: (event: MonitorEvent) => void;
  /** Parts of the description that the monitor does not know. */
  readonly about: Pick<Description, 'version' | 'app' | 'args' | 'cwd' | 'startedAt'>;
}

/** What the monitor knows of its service. What changes it is in files of its own: a worker's life, a zygote's, … */
export class State {
  readonly reaper = new Reaper();
  readonly slots = new SlotHistory();
  readonly loads = new LoadFailures();
  readonly reloads = new Reloads();
  readonly holds: Holds;
  readonly turns = new Turns<Worker>();
  readonly counters = { forked: 0, died: 0, killed: 0, reloads: 0 };
  /** How many workers there are to be. */
  target: number;
  /** All workers were there once. */
  hasServed = false;
  stopping: Stopping | undefined;
  /** The listeners refuse new clients. */
  refusing = false;
  /** Heartbeats before that say nothing: the machine may have stood still. */
  heartbeatsFrom = 0;
  readonly #news: MonitorEvent[] = [];

  constructor(
    readonly options: MonitorOptions,
    readonly workers: Workers,
    readonly zygotes: Zygotes,
  ) {
    this.target = options.workers;
    this.holds = new Holds(options.holdConnects);
  }

  report(event: MonitorEvent): void {
    this.#news.push(event);
  }

  /** Brings the scoreboard up to date, and tells what has happened: who hears of it finds it there. */
  publish(): void {
    this.options.scoreboard.describe(this.#description());
    for (const event of this.#news.splice(0)) this.options.report(event);
  }

  /** What the policy decides by. */
  facts(): Facts {
    const { target, options, workers, zygotes, slots, loads, reloads, stopping, refusing } = this;
    return {
      target,
      limits: options.limits,
      workers: workers.facts(this.heartbeatsFrom),
      zygotes: [...zygotes],
      forkNotBefore: slots.notBefore,
      loadNotBefore: loads.notBefore,
      oldest: reloads.oldest,
      reload: reloads.running,
      taking: reloads.taking,
      stopping,
      refusing,
    };
  }

  /** What the scoreboard says about the whole. */
  #description(): Description {
    const { options, zygotes, reloads } = this;
    const zygote = zygotes.newestLoaded;
    return {
      ...options.about,
      pid: getpid(),
      generation: reloads.oldest,
      target: this.target,
      stopping: this.stopping !== undefined,
      reload: reloads.result,
      zygote: zygote ? { pid: zygote.pid, generation: zygote.generation } : null,
      listeners: options.listeners.describe(),
      counters: { ...this.counters },
    };
  }
}
