import type { Figure } from '../figure/figure.js';
import { FigureTaker } from '../figure/taker.js';

/** Milliseconds from one look to the next at least, … */
const INTERVAL = 200;
/** … and so many times what the look took: time for other things remains, however often clients ask. */
const REST = 10;
/** Milliseconds without a request after which what was seen is forgotten. */
const FORGET = 10_000;

/** The figure of a service's processes, for those who look: as long as no client asks, it costs nothing. */
export class FigureSource {
  readonly #root: () => number;
  #taker: FigureTaker | undefined;
  #last: Figure | undefined;
  #due = 0;
  #forget: NodeJS.Timeout | undefined;

  /** @param root the process id of the monitor; it may throw while there is nothing to tell */
  constructor(root: () => number) {
    this.#root = root;
  }

  /** Those who ask at about the same time get the same look. */
  figure(): Figure {
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => this.#reset(), FORGET).unref();
    const now = performance.now();
    if (this.#last !== undefined && now < this.#due) return this.#last;
    this.#taker ??= new FigureTaker();
    this.#last = this.#taker.take([this.#root()]);
    this.#due = now + Math.max(INTERVAL, REST * (performance.now() - now));
    return this.#last;
  }

  #reset(): void {
    this.#taker = undefined;
    this.#last = undefined;
  }
}
