/** An error as it is told to another process. */
export interface ToldError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly code?: string | number | undefined;
}

/** What a worker is to do that asks for its turn. */
export type Turn =
  | { readonly turn: 'run' }
  /** Ask again later: another one runs it. */
  | { readonly turn: 'wait' }
  | { readonly turn: 'done' }
  | { readonly turn: 'failed'; readonly error: ToldError };

/** One who asks. */
export interface TurnTaker {
  readonly generation: number;
  /** When it came into being, by the clock of `now`. */
  readonly bornAt: number;
}

interface Entry<Taker> {
  runner: Taker | undefined;
  done: boolean;
  failure: { readonly error: ToldError; readonly at: number; readonly told: Set<Taker> } | undefined;
}

/**
 * Who runs what must run once in a generation. One runs it first, the others wait; when it dies, another one gets the
 * turn. Its error is also that of all that were there when it failed; who comes later tries again.
 */
export class Turns<Taker extends TurnTaker> {
  readonly #generations = new Map<number, Map<string, Entry<Taker>>>();

  ask(taker: Taker, name: string): Turn {
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

  /** The one whose turn it was has come to an end. */
  ended(taker: Taker, name: string, error: ToldError | undefined, now: number): void {
    const entry = this.#entry(taker.generation, name);
    if (entry.runner !== taker) return;
    entry.runner = undefined;
    if (error === undefined) entry.done = true;
    else entry.failure = { error, at: now, told: new Set([taker]) };
  }

  /** It has died. */
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
