import { parseDestination } from '../../net/destination.js';

/** A connect that waits for the fork, or is to. */
export interface HeldConnect {
  readonly destination: string;
  /** Where the app called connect(): 'file:line:column', with the package that it came through. */
  readonly place?: string | undefined;
}

export interface LoadedAfter {
  /** Unknown in a Node without an inspector, or that forbids it. */
  readonly files: number | undefined;
  /** By which the process has grown. */
  readonly bytes: number;
}

/** What a zygote says that found connections of the app at the fork, or whose app failed because it found no peer. */
export interface HoldRequest {
  readonly cause: 'open' | 'failed';
  readonly connects: readonly HeldConnect[];
  /** What was loaded after the first of them, which workers will not share; unknown of an app that failed. */
  readonly after?: LoadedAfter | undefined;
}

/** How a zygote is to load the app. */
export interface LoadPlan {
  /** Destinations whose connects are held. */
  readonly hold: readonly string[];
  /** It may ask for further ones to be held, and be loaded once more. */
  readonly mayAskToHold: boolean;
}

/** Which connects of the app are held, from load to load. */
export class Holds {
  readonly #isOff: boolean;
  readonly #known: Set<string>;
  /** Of the one load that was asked for, with its generation. */
  #again: { readonly generation: number; readonly hold: readonly string[]; readonly remember: boolean } | undefined;

  /** @param settings 'auto', 'none', or destinations, as the setting holdConnects has them */
  constructor(settings: readonly string[]) {
    this.#isOff = settings.includes('none');
    const named = settings.filter((each) => each !== 'auto' && each !== 'none');
    this.#known = new Set(named.flatMap((each) => parseDestination(each) ?? []));
  }

  /** How the app is loaded for a generation: for the first time, or again, as ask() had it. */
  plan(generation: number): LoadPlan {
    const again = this.#again?.generation === generation ? this.#again.hold : undefined;
    return { hold: again ?? [...this.#known], mayAskToHold: !this.#isOff && again === undefined };
  }

  /** A zygote asks for further ones. @returns whether its generation is to be loaded once more */
  ask(generation: number, { cause, connects }: HoldRequest): boolean {
    if (!this.plan(generation).mayAskToHold) return false;
    const hold = [...new Set([...this.#known, ...connects.map(({ destination }) => destination)])];
    // What only failed may be read and shared the next time.
    this.#again = { generation, hold, remember: cause === 'open' };
    return true;
  }

  /** A generation is loaded: what it held is held from the start by those after it. */
  loaded(generation: number): void {
    if (this.#again?.generation !== generation || !this.#again.remember) return;
    for (const destination of this.#again.hold) this.#known.add(destination);
  }
}
