import { setImmediate as turn } from 'node:timers/promises';
import type { Snapshot } from '../scoreboard/index.js';
import { collect, processesOf, type Status } from './status.js';
import { UsageCache } from './usage-cache.js';

/** How the server goes, as its monitor sees it. */
export interface Seen {
  /** It may throw while there is nothing to tell. */
  readonly snapshot: () => Snapshot;
  /** How many requests there have been until the last snapshot; where it is not given, those to workers that live. */
  readonly served?: () => number;
}

/** The status as this process sees it, and as another one is told. */
export class StatusSource {
  readonly #usages = new UsageCache();

  constructor(readonly seen: Seen) {}

  /** @throws while there is nothing to tell */
  async status(): Promise<Status> {
    const taken = this.seen.snapshot();
    // A process a turn: the monitor has more urgent things to do.
    for (const pid of processesOf(taken)) if (this.#usages.update(pid)) await turn();
    return collect(taken, (pid) => this.#usages.get(pid));
  }
}
