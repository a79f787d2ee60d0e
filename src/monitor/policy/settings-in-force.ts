/** What of the settings a reload may change in the monitor. */
interface Changeable {
  readonly workers: number;
}

/** What a new number of workers leads to: it is taken, or not because somebody has scaled the service since. */
export type WorkersChange = { readonly type: 'taken' | 'not taken'; readonly workers: number };

/** The settings that a service goes by: those read for the generation that it forks from. */
export class SettingsInForce<Settings extends Changeable> {
  #current: Settings;
  #generation = 0;
  #before: Settings;
  /** How many workers there were to be by the settings, when that was last heeded. */
  #workers: number;

  constructor(settings: Settings) {
    this.#current = settings;
    this.#before = settings;
    this.#workers = settings.workers;
  }

  get current(): Settings {
    return this.#current;
  }

  /** A generation has loaded the app with these. */
  adopt(generation: number, settings: Settings): void {
    this.#before = this.#current;
    this.#current = settings;
    this.#generation = generation;
  }

  /** A generation has failed: what was adopted for it is given up. */
  revert(generation: number): void {
    if (this.#generation === generation) this.#current = this.#before;
  }

  /**
   * Heeds the number of workers, once the generation cannot fail any more.
   * @param target how many there are to be now
   * @returns undefined when the settings say the same as before
   */
  heedWorkers(target: number): WorkersChange | undefined {
    const { workers } = this.#current;
    const before = this.#workers;
    this.#workers = workers;
    if (workers === before || workers === target) return undefined;
    return { type: target === before ? 'taken' : 'not taken', workers };
  }
}
