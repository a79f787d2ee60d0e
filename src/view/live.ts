import { Clients } from './clients.js';
import type { About, Act, Figure } from './figure.js';
import type { Observed } from './observed.js';
import type { Recording } from './recording.js';
import type { Source } from './server.js';
import { portOf, takeFigure } from './snapshot.js';

/** Milliseconds between two looks. */
const INTERVAL = 200;
/** Milliseconds: a terminal that receives much is shown in steps. */
const CLIENTS_INTERVAL = 50;

type Listener = Parameters<Source['subscribe']>[0];

/** Looks at a server while a page is open, or a recording is made, and tells what has changed. */
export class Live implements Source {
  readonly #observed: Observed;
  readonly #recording: Recording | undefined;
  readonly #listeners = new Set<Listener>();
  readonly #clients = new Clients(() => this.#clientsChanged());
  #timer: NodeJS.Timeout | undefined;
  #clientsTimer: NodeJS.Timeout | undefined;
  #figure: Figure | undefined;
  #known = '';

  constructor(observed: Observed, recording?: Recording) {
    this.#observed = observed;
    this.#recording = recording;
    if (recording !== undefined) this.#run();
  }

  about(): About {
    return { mode: 'live', owned: this.#observed.owned, frames: [] };
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#run();
    listener('figure', this.#figure);
    listener('clients', this.#clients.views());
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0 || this.#recording !== undefined) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  async act(act: Act): Promise<void> {
    switch (act.act) {
      case 'connect': {
        const address = this.#figure?.listeners[0]?.address;
        if (address === undefined) throw new Error('nothing listens on TCP');
        for (let n = 0; n < act.count; n++) this.#clients.open(portOf(address), act.kind);
        return;
      }
      case 'send':
        return this.#clients.send(act.client, act.text);
      case 'hang-up':
        return this.#clients.hangUp(act.client);
      case 'reset':
        return this.#clients.reset(act.client);
      case 'start':
        return this.#observed.start();
      default:
        return this.#observed.signal(act.pid, act.start, act.act);
    }
  }

  /** Ends the connections, too. */
  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#clientsTimer);
    this.#listeners.clear();
    this.#clients.close();
    this.#recording?.close();
  }

  #run(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#look(), INTERVAL);
    this.#look();
  }

  #look(): void {
    const figure = takeFigure(this.#observed.roots());
    this.#observed.saw(figure);
    this.#figure = figure;
    const { time: _, ...rest } = figure;
    const text = JSON.stringify(rest);
    if (text === this.#known) return;
    this.#known = text;
    this.#recording?.add(figure);
    for (const listener of this.#listeners) listener('figure', figure);
  }

  #clientsChanged(): void {
    this.#clientsTimer ??= setTimeout(() => {
      this.#clientsTimer = undefined;
      for (const listener of this.#listeners) listener('clients', this.#clients.views());
    }, CLIENTS_INTERVAL);
  }
}
