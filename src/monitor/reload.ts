import type { Settings } from '../settings/index.js';
import type { MonitorEvent } from './events.js';

/** A reload gives up after so many of its workers have died before they were ready. */
const MAX_BOOT_DEATHS = 2;

export interface ReloadResult {
  readonly state: 'none' | 'running' | 'done' | 'failed';
  /** The one that it loads, or loaded; 0 for none. */
  readonly generation: number;
  /** Why it failed. */
  readonly reason?: string;
}

/** What a reload may change in the monitor, and what goes back when it fails. */
interface InForce {
  readonly oldest: number;
  readonly settings: Settings;
}

export interface ReloadsOptions {
  readonly report: (event: MonitorEvent) => void;
  /** Ends what belongs to a generation whose reload has failed. */
  readonly endGeneration: (generation: number) => void;
}

/**
 * Which generation may serve, by which settings, with how many workers; and the reload that changes them. A reload is
 * asked for, starts, has its generation loaded, and cuts over once its workers are ready: until then it may fail. It is
 * done when no old worker accepts any more.
 */
export class Reloads {
  /** How many workers there are to be: as the settings say, or as the service was scaled since. */
  target: number;
  /** How many there have been that are done. */
  count = 0;
  readonly #options: ReloadsOptions;
  #inForce: InForce;
  #isRequested = false;
  #running: { readonly generation: number; before: InForce; bootDeaths: number } | undefined;
  #cutoverGeneration: number | undefined;
  #result: ReloadResult = { state: 'none', generation: 0 };
  /** How many workers the settings said when that was last taken. */
  #workersOfSettings: number;

  /** @param settings those of the first generation */
  constructor(settings: Settings, options: ReloadsOptions) {
    this.#options = options;
    this.#inForce = { oldest: 1, settings };
    this.target = settings.workers;
    this.#workersOfSettings = settings.workers;
  }

  /** The oldest generation that may serve on. */
  get oldest(): number {
    return this.#inForce.oldest;
  }

  /** The settings read for the generation that workers are forked from. */
  get settings(): Settings {
    return this.#inForce.settings;
  }

  /** The generation that is being loaded, or whose workers get ready: it may still fail. */
  get running(): number | undefined {
    return this.#running?.generation;
  }

  /** The generation whose workers are ready, while old ones may still accept. */
  get cutoverGeneration(): number | undefined {
    return this.#cutoverGeneration;
  }

  /** Result of the most recent reload. */
  get result(): ReloadResult {
    return this.#result;
  }

  /** Asks for a reload; while one runs, for another one after it. */
  request(): void {
    this.#isRequested = true;
  }

  /** Starts the reload that was asked for, unless one is under way: a zygote is then to load this generation. */
  start(generation: number): void {
    if (!this.#isRequested || this.#running || this.#cutoverGeneration !== undefined) return;
    this.#isRequested = false;
    this.#running = { generation, before: this.#inForce, bootDeaths: 0 };
    this.#result = { state: 'running', generation };
    this.#options.report({ type: 'reload begins', generation });
  }

  /** A generation has the app loaded. @param settings that were read for it; undefined for those of the start */
  loaded(generation: number, settings: Settings | undefined): void {
    const running = this.#running;
    if (running?.generation === generation) {
      this.#inForce = { oldest: generation, settings: settings ?? this.settings };
      return;
    }
    const { oldest, settings: current } = running?.before ?? this.#inForce;
    const inForce = { oldest, settings: settings ?? current };
    if (this.oldest !== this.running) this.#inForce = inForce;
    // It takes a dead zygote's place while a reload is under way.
    if (running !== undefined) running.before = inForce;
    else this.#takeWorkers();
  }

  /** A worker of the reload died before it was ready. @param why in words, to follow others */
  bootDeath(why: string): void {
    if (this.#running === undefined || ++this.#running.bootDeaths < MAX_BOOT_DEATHS) return;
    this.fail(`its workers die before they are ready${why}`);
  }

  /** Its workers are ready: it cannot fail any more, and the old ones leave. */
  cutOver(): void {
    this.#cutoverGeneration = this.running;
    this.#running = undefined;
    this.#takeWorkers();
  }

  /** No old worker accepts any more. */
  finish(): void {
    const generation = this.#cutoverGeneration;
    if (generation === undefined) return;
    this.#cutoverGeneration = undefined;
    this.#result = { state: 'done', generation };
    this.count++;
    this.#options.report({ type: 'reloaded', generation });
  }

  /** The generation before serves on, if one is still to be replaced. */
  fail(reason: string): void {
    if (this.#running === undefined) return;
    const { generation, before } = this.#running;
    this.#running = undefined;
    this.#inForce = before;
    this.#result = { state: 'failed', generation, reason };
    this.#options.report({ type: 'reload failed', generation, reason });
    this.#options.endGeneration(generation);
  }

  /** Has as many workers as the settings say, unless the service was scaled since they last said so. */
  #takeWorkers(): void {
    const { workers } = this.settings;
    const before = this.#workersOfSettings;
    this.#workersOfSettings = workers;
    if (workers === before || workers === this.target) return;
    if (this.target === before) {
      this.target = workers;
      this.#options.report({ type: 'scaled', workers });
    } else {
      const message = `target stays ${this.target} workers, as the service was scaled; the settings now say ${workers}`;
      this.#options.report({ type: 'warning', message });
    }
  }
}
