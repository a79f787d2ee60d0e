import { EventedChannel } from '../channel/evented.js';
import type { ToMonitor } from '../channel/messages.js';
import { discard } from '../posix/file.js';
import { fork, type Sender } from '../posix/index.js';
import type { Scoreboard } from '../scoreboard/index.js';
import { becomeZygote, type Origin } from './exec-zygote.js';
import type { LoadPlan } from './policy/holds.js';
import { Zygote } from './processes.js';

export interface ZygotesOptions {
  readonly origin: Origin;
  readonly scoreboard: Scoreboard;
  readonly message: (zygote: Zygote, message: ToMonitor, sender: Sender) => void;
  /** No process holds the zygote's channel any more, or it is of no use for the given reason. */
  readonly unheard: (zygote: Zygote, reason: string | undefined) => void;
  /** A message to one of them could not be sent yet. */
  readonly delayed: (why: string) => void;
}

/** The processes that have the app loaded, or load it, one for each generation. */
export class Zygotes implements Iterable<Zygote> {
  readonly #options: ZygotesOptions;
  readonly #all = new Set<Zygote>();
  #generation = 0;

  constructor(options: ZygotesOptions) {
    this.#options = options;
  }

  /** Oldest first. */
  [Symbol.iterator](): Iterator<Zygote> {
    return this.#all.values();
  }

  /** That of the zygote that is started next. */
  get nextGeneration(): number {
    return this.#generation + 1;
  }

  /** The one that new workers come from. */
  get newestLoaded(): Zygote | undefined {
    return [...this.#all].filter(({ phase }) => phase === 'loaded').at(-1);
  }

  has(zygote: Zygote): boolean {
    return this.#all.has(zygote);
  }

  withGeneration(generation: number): Zygote | undefined {
    return [...this.#all].find((zygote) => zygote.generation === generation);
  }

  withPid(pid: number): Zygote | undefined {
    return [...this.#all].find((zygote) => zygote.pid === pid);
  }

  /**
   * Starts one; one of a generation that was loaded before comes in the other's place.
   * @throws when there is no channel or no fork; that generation is skipped then
   */
  load(generation: number, plan: LoadPlan, now: number): void {
    const { origin, scoreboard, message, unheard, delayed } = this.#options;
    this.#generation = Math.max(this.#generation, generation);
    const zygote = new Zygote(generation, now);
    const [channel, theirs] = EventedChannel.open({
      message: (each, sender) => message(zygote, each, sender),
      closed: (reason) => unheard(zygote, reason),
      delayed,
    });
    zygote.channel = channel;
    try {
      const order = { ...plan, monitor: process.pid, generation, channelFd: theirs, scoreboardFd: scoreboard.fd };
      zygote.pid = fork({ keepSockets: [theirs] });
      if (zygote.pid === 0) becomeZygote(origin, order);
    } catch (error) {
      channel.close();
      throw error;
    } finally {
      discard(theirs);
    }
    this.#all.add(zygote);
  }

  /** Ends one that is not needed any more, or, when there is a reason, one that has failed. */
  end(generation: number, now: number, reason?: string): void {
    const zygote = this.withGeneration(generation);
    if (zygote === undefined || zygote.phase === 'ending') return;
    if (reason !== undefined && zygote.phase === 'failed') return;
    if (reason !== undefined) zygote.reasons = [reason];
    zygote.enter(reason === undefined ? 'ending' : 'failed', now);
    zygote.signal('SIGKILL');
    zygote.channel.close(); // It ends by this, too, if the signal cannot be sent.
  }

  /** It has ended, and is reaped. */
  forget(zygote: Zygote): void {
    this.#all.delete(zygote);
    zygote.channel.close();
  }
}
