import { performance } from 'node:perf_hooks';
import { absolute, isLocal, isPath } from '../../net/destination.js';

/** How long an answer holds, in milliseconds: an app may try again and again. */
const KNOWN_MS = 100;

/**
 * The servers of the service that an app does not have in a restart, such as those of the generation before. Where it is
 * loaded beside them it is not to find them: it would take its port for another program's, and choose a different one.
 */
export class SiblingServers {
  readonly #ask: (destination: string) => boolean;
  readonly #clock: () => number;
  readonly #known = new Map<string, { readonly answer: boolean; readonly until: number }>();

  /** @param ask has the monitor answer; paths are absolute @param clock in milliseconds */
  constructor(ask: (destination: string) => boolean, clock = () => performance.now()) {
    this.#ask = ask;
    this.#clock = clock;
  }

  listenAt(destination: string): boolean {
    if (!isLocal(destination)) return false;
    const now = this.#clock();
    const known = this.#known.get(destination);
    if (known !== undefined && now < known.until) return known.answer;
    const answer = this.#ask(isPath(destination) ? absolute(destination) : destination);
    this.#known.set(destination, { answer, until: now + KNOWN_MS });
    return answer;
  }
}
