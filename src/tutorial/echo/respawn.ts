import { backOff } from '../../util/back-off.js';

/** A child that lived this long, in milliseconds, or that served a client, lived well. */
export const LIVED_WELL = 1000;
/** So many children in a row that died at once, in every slot, and the parent gives up. */
export const EARLY_DEATHS = 6;

/** A place for one child. */
export interface Slot {
  /** The child that is in it; undefined while one is yet to be forked. */
  readonly pid: number | undefined;
  /** When that child was forked, in milliseconds of any steady clock. */
  readonly since: number;
  /** How many children in a row died at once here. */
  readonly early: number;
  /** How many forks in a row failed here. */
  readonly failed: number;
}

export type Pool = readonly Slot[];

export type PoolEvent =
  | { readonly type: 'forked'; readonly slot: number; readonly pid: number }
  | { readonly type: 'fork failed'; readonly slot: number }
  | { readonly type: 'died'; readonly pid: number; readonly served: boolean };

export type PoolEffect =
  /** Fork a child for `slot`, `delay` milliseconds from now. */
  { readonly type: 'fork'; readonly slot: number; readonly delay: number } | { readonly type: 'give up' };

export function emptyPool(size: number): Pool {
  return Array.from({ length: size }, () => ({ pid: undefined, since: 0, early: 0, failed: 0 }));
}

/**
 * A child that lived well is replaced at once. Where children die at once again and again, each replacement comes
 * later than the one before; when it is so in every slot, the cause is ours and the parent gives up. One that served
 * a client never counts as such: whoever connects could otherwise end the server.
 */
export function respawn(pool: Pool, event: PoolEvent, now: number): { pool: Pool; effects: PoolEffect[] } {
  const index = event.type === 'died' ? pool.findIndex(({ pid }) => pid === event.pid) : event.slot;
  const slot = pool[index];
  if (slot === undefined) return { pool, effects: [] };
  switch (event.type) {
    case 'forked':
      return { pool: pool.with(index, { ...slot, pid: event.pid, since: now, failed: 0 }), effects: [] };
    case 'fork failed': {
      const failed = slot.failed + 1;
      const delay = backOff(failed);
      return { pool: pool.with(index, { ...slot, failed }), effects: [{ type: 'fork', slot: index, delay }] };
    }
    case 'died': {
      const early = event.served || livesWell(slot, now) ? 0 : slot.early + 1;
      const next = pool.with(index, { ...slot, pid: undefined, early });
      if (next.every((each) => each.early >= EARLY_DEATHS && !livesWell(each, now))) {
        return { pool: next, effects: [{ type: 'give up' }] };
      }
      // The first early death may be somebody's kill: no delay yet.
      return { pool: next, effects: [{ type: 'fork', slot: index, delay: backOff(early - 1) }] };
    }
  }
}

function livesWell({ pid, since }: Slot, now: number): boolean {
  return pid !== undefined && now - since >= LIVED_WELL;
}
