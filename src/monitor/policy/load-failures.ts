import { backOff } from '../../util/back-off.js';
import { isCrashLoop, type ServiceHealth } from '../../util/crash-history.js';

/** The loads of the app that failed in a row, those of reloads apart. */
export class LoadFailures {
  /** Those that the app is to blame for. */
  #count = 0;
  #since = 0;
  #notStarted = 0;
  #notBefore = 0;

  /** When it may be loaded again. */
  get notBefore(): number {
    return this.#notBefore;
  }

  loaded(): void {
    this.#count = 0;
    this.#notStarted = 0;
  }

  /** @returns whether the service is to end */
  failed(health: ServiceHealth, now: number): boolean {
    if (this.#count === 0) this.#since = now;
    this.#count++;
    this.#notBefore = now + backOff(this.#count);
    return !health.hasServed || isCrashLoop({ count: this.#count, since: this.#since }, health, now);
  }

  /**
   * The zygote's process could not even be made: the system lacks something, which says nothing about the app.
   * @returns whether the service is to end
   */
  notStarted({ hasServed }: Pick<ServiceHealth, 'hasServed'>, now: number): boolean {
    this.#notStarted++;
    this.#notBefore = now + backOff(this.#notStarted);
    return !hasServed;
  }
}
