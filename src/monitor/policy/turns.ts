import type { ToldError, Turn } from '../../channel/messages.js';

/** A worker that asks. */
export interface TurnTaker {
  readonly generation: number;
  /** When it came into being, by the clock of `now`. */
  readonly bornAt: number;
}

/** How many names there may be in a generation, and how long one may be, in characters: the monitor keeps them. */
const MAX_NAMES = 1000;
const MAX_NAME_LENGTH = 500;

interface Entry<Taker> {
  runner: Taker | undefined;
  done: boolean;
  failure: { readonly error: ToldError; readonly at: number; readonly told: Set<Taker> } | undefined;
}

const NO_ROOM: ToldError = {
  name: 'RangeError',
  message: `once() takes at most ${MAX_NAMES} names in a generation, of at most ${MAX_NAME_LENGTH} characters`,
  code: 'ERR_OUT_OF_RANGE',
};

/**
 * Which worker runs what must run once in a generation. One runs it first, the others wait; when it dies, another one
 * gets the turn. Its error is also that of all that were there when it failed; a worker that comes later tries again.
 */
export class Turns<Taker extends TurnTaker> {
  readonly #generations = new Map<number, Map<string, Entry<Taker>>>();

  ask(taker: Taker, name: string): Turn {
    if (!this.#hasRoomFor(taker.generation, name)) return { turn: 'failed', error: NO_ROOM };
    const entry = this.#entry(taker.generation, name);
    const { failure } = entry;
    if (entry.done) return { turn: 'done' };
    if (entry.runner !== undefined) return { turn: 'wait' };
    if (failure !== undefined && taker.bornAt <= failure.at && !failure.told.has(taker)) {
      failure.told.add(taker);
      return { turn: 'failed', error: failure.error };
    }
    entry.runner = taker;
    return { turn: 'run' };
  }

  /** The turn of a worker has come to an end. */
  ended(taker: Taker, name: string, error: ToldError | undefined, now: number): void {
    const entry = this.#generations.get(taker.generation)?.get(name);
    if (entry?.runner !== taker) return;
    entry.runner = undefined;
    if (error === undefined) entry.done = true;
    else entry.failure = { error, at: now, told: new Set([taker]) };
  }

  /** A worker has died. */
  gone(taker: Taker): void {
    for (const entry of this.#generations.get(taker.generation)?.values() ?? []) {
      if (entry.runner === taker) entry.runner = undefined;
      entry.failure?.told.delete(taker);
    }
  }

  /** Forgets generations that no worker will come from any more. */
  prune(oldest: number): void {
    for (const generation of this.#generations.keys()) if (generation < oldest) this.#generations.delete(generation);
  }

  #hasRoomFor(generation: number, name: string): boolean {
    const names = this.#generations.get(generation);
    return names?.has(name) || (name.length <= MAX_NAME_LENGTH && (names?.size ?? 0) < MAX_NAMES);
  }

  #entry(generation: number, name: string): Entry<Taker> {
    let names = this.#generations.get(generation);
    if (names === undefined) {
      names = new Map();
      this.#generations.set(generation, names);
    }
    let entry = names.get(name);
    if (entry === undefined) {
      entry = { runner: undefined, done: false, failure: undefined };
      names.set(name, entry);
    }
    return entry;
  }
}
