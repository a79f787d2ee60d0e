import type { LoadPlan } from '../../channel/launch.js';
import type { HoldRequest } from '../../channel/messages.js';
import { parseDestination } from '../../net/destination.js';

/** Which connects of the app are held, from load to load. */
export class Holds {
  readonly #isOff: boolean;
  readonly #known: Set<string>;
  /** The load that was asked for, with its generation. */
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
