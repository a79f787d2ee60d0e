/** A reload gives up after so many of its workers have died before they were ready. */
const BOOT_DEATHS = 2;

export interface ReloadResult {
  readonly state: 'none' | 'running' | 'done' | 'failed';
  /** The one that it loads, or loaded; 0 for none. */
  readonly generation: number;
  /** Why it failed. */
  readonly reason?: string;
}

/** Which generation may serve, and which one is to take its place. */
export class Reloads {
  #oldest = 1;
  #asked = false;
  #running: { readonly generation: number; readonly before: number; deaths: number } | undefined;
  #taking: number | undefined;
  #result: ReloadResult = { state: 'none', generation: 0 };

  /** The oldest generation that may serve on. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The generation that is being loaded, or whose workers get ready: it may still fail. */
  get running(): number | undefined {
    return this.#running?.generation;
  }

  /** The generation that takes over: its workers are ready, and old ones may still accept. */
  get taking(): number | undefined {
    return this.#taking;
  }

  /** Of the last one. */
  get result(): ReloadResult {
    return this.#result;
  }

  /** Asks for a reload; while one runs, for another one after it. */
  ask(): void {
    this.#asked = true;
  }

  /** Begins what was asked for, unless one runs. @param generation that it loads @returns whether it did */
  begin(generation: number): boolean {
    if (!this.#asked || this.#running || this.#taking !== undefined) return false;
    this.#asked = false;
    this.#running = { generation, before: this.#oldest, deaths: 0 };
    this.#result = { state: 'running', generation };
    return true;
  }

  /** A generation has the app loaded. */
  loaded(generation: number): void {
    if (this.running === generation) this.#oldest = generation;
  }

  /** A worker of the reload died before it was ready. @returns whether the reload is to fail */
  bootDeath(): boolean {
    return this.#running !== undefined && ++this.#running.deaths >= BOOT_DEATHS;
  }

  /** Its workers are ready. */
  takeOver(): void {
    this.#taking = this.running;
    this.#running = undefined;
  }

  /** No old worker accepts any more. @returns the generation that serves; undefined when none took over */
  done(): number | undefined {
    const generation = this.#taking;
    this.#taking = undefined;
    if (generation !== undefined) this.#result = { state: 'done', generation };
    return generation;
  }

  /** The generation before serves on. @returns the one that failed; undefined when none could */
  fail(reason: string): number | undefined {
    if (this.#running === undefined) return undefined;
    const { generation, before } = this.#running;
    this.#running = undefined;
    this.#oldest = before;
    this.#result = { state: 'failed', generation, reason };
    return generation;
  }
}
