import { CrashHistory, MAX_BOOT_FAILURES, MIN_UPTIME_MS } from '../../util/crash-history.js';

interface Child {
  readonly pid: number;
  /** When it was forked, in milliseconds of any steady clock. */
  readonly since: number;
}

/** What a death or a failed fork leads to. */
export type Respawn =
  /** Fork a child for `slot`, `delay` milliseconds from now. */
  { readonly type: 'fork'; readonly slot: number; readonly delay: number } | { readonly type: 'give up' };

/**
 * The children, one in each slot. A child that lived for a second is replaced at once. Where children die at their start
 * again and again, each replacement comes later than the one before; when it is so in every slot, the cause is ours and
 * the parent gives up. One that served a client never counts as such: otherwise a client could end the server.
 */
export class Pool {
  readonly #slots: (Child | undefined)[];
  readonly #history = new CrashHistory();

  constructor(size: number) {
    this.#slots = Array.from({ length: size }, () => undefined);
  }

  get pids(): number[] {
    return this.#slots.flatMap((child) => child?.pid ?? []);
  }

  forked(slot: number, pid: number, now: number): void {
    this.#slots[slot] = { pid, since: now };
    this.#history.forked(slot);
  }

  forkFailed(slot: number, now: number): Respawn {
    this.#history.forkFailed(slot, now);
    return this.#later(slot, now);
  }

  /** @returns undefined for a process that is none of the children */
  died(pid: number, served: boolean, now: number): Respawn | undefined {
    const slot = this.#slots.findIndex((child) => child?.pid === pid);
    const child = this.#slots[slot];
    if (child === undefined) return undefined;
    this.#slots[slot] = undefined;
    this.#history.died(slot, { uptimeMs: now - child.since, served }, now);
    return this.#isCrashLoop(now) ? { type: 'give up' } : this.#later(slot, now);
  }

  /** So many replacements have died at their start in each slot, as the child before them. */
  #isCrashLoop(now: number): boolean {
    return this.#slots.every((child, slot) => {
      const lives = child !== undefined && now - child.since >= MIN_UPTIME_MS;
      return this.#history.earlyDeaths(slot) > MAX_BOOT_FAILURES && !lives;
    });
  }

  #later(slot: number, now: number): Respawn {
    return { type: 'fork', slot, delay: (this.#history.notBefore[slot] ?? now) - now };
  }
}
