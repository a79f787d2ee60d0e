import { EventedChannel } from '../channel/evented.js';
import type { ToMonitor } from '../channel/messages.js';
import type { LoadPlan } from '../policy/holds.js';
import { close, fork, getpid, kill } from '../posix/index.js';
import type { Scoreboard } from '../scoreboard/index.js';
import type { AppOptions } from './app-process.js';
import { Zygote } from './crew.js';
import { becomeZygote } from './launch.js';

export interface ZygotesOptions {
  readonly app: Omit<AppOptions, 'monitor' | 'generation' | keyof LoadPlan>;
  readonly args: readonly string[];
  readonly scoreboard: Scoreboard;
  readonly message: (zygote: Zygote, message: ToMonitor) => void;
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

  withGeneration(generation: number): Zygote | undefined {
    return [...this.#all].find((zygote) => zygote.generation === generation);
  }

  withPid(pid: number): Zygote | undefined {
    return [...this.#all].find((zygote) => zygote.pid === pid);
  }

  /** Starts one; one of a generation that was loaded before comes in the other's place. @throws when there is no fork */
  load(generation: number, plan: LoadPlan, now: number): void {
    const { app, args, scoreboard, message } = this.#options;
    this.#generation = Math.max(this.#generation, generation);
    const zygote = new Zygote(generation, now);
    const [channel, theirs] = EventedChannel.open({ message: (each) => message(zygote, each) });
    zygote.channel = channel;
    try {
      const options = { ...app, ...plan, monitor: getpid(), generation };
      zygote.pid = fork({ keepSockets: [theirs] });
      if (zygote.pid === 0) becomeZygote({ options, channelFd: theirs, scoreboardFd: scoreboard.fd }, args);
    } catch (error) {
      channel.close();
      throw error;
    } finally {
      close(theirs);
    }
    this.#all.add(zygote);
  }

  /** Ends one that nobody needs, or, when there is a reason, one that has failed. */
  end(generation: number, now: number, reason?: string): void {
    const zygote = this.withGeneration(generation);
    if (zygote === undefined || zygote.phase === 'ending') return;
    if (reason === undefined) zygote.enter('ending', now);
    else zygote.reasons = [reason];
    kill(zygote.pid, 'SIGKILL');
  }

  /** It has ended, and is reaped. */
  forget(zygote: Zygote): void {
    this.#all.delete(zygote);
    zygote.channel.close();
  }
}
