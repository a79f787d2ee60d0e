import { backOff } from '../util/back-off.js';
import { MIN_UPTIME_MS } from '../util/crash-history.js';

/** What a decision needs to know of a worker. */
export interface ManagedProcess {
  readonly slot: number;
  readonly generation: number;
  readonly state: 'booting' | 'ready' | 'leaving';
}

/** The slots for which a worker of this generation is to be forked. */
export function emptySlots(children: readonly ManagedProcess[], workers: number, generation: number): number[] {
  const taken = children.filter((child) => child.state !== 'leaving' && child.generation === generation);
  return Array.from({ length: workers }, (_, slot) => slot).filter((slot) => !taken.some((one) => one.slot === slot));
}

/** Workers that a serving generation has made superfluous. */
export function superseded<Child extends ManagedProcess>(
  children: readonly Child[],
  workers: number,
  generation: number,
): Child[] {
  const isWanted = (child: ManagedProcess) => child.generation >= generation && child.slot < workers;
  return children.filter((child) => child.state !== 'leaving' && !isWanted(child));
}

/** How many workers in a row died early: the next one is forked later each time. */
export class EarlyDeaths {
  #count = 0;

  /** @param readyFor in milliseconds; undefined for one that was never ready @returns how long to wait, likewise */
  died(readyFor: number | undefined): number {
    this.#count = (readyFor ?? 0) >= MIN_UPTIME_MS ? 0 : this.#count + 1;
    return backOff(this.#count - 1); // The first may be somebody's kill.
  }
}
