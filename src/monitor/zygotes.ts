import { EventedChannel } from '../channel/evented.js';
import { MAX_ZYGOTE_MESSAGE_BYTES } from '../channel/framing.js';
import type { ToMonitor } from '../channel/messages.js';
import { discard } from '../posix/file.js';
import { fork, type Sender } from '../posix/index.js';
import { memoryOf } from '../proc/usage.js';
import { monotonicNow } from '../scoreboard/index.js';
import { toldSettings } from '../settings/index.js';
import { withHint } from '../util/hint.js';
import { becomeZygote, takeEarlyZygote, type ZygoteOrder } from './exec-zygote.js';
import { Holds } from './policy/holds.js';
import { LoadFailures } from './policy/load-failures.js';
import type { Facts } from './policy/supervision.js';
import { ManagedProcesses, Zygote } from './processes.js';
import { LOAD_FAILED, type Service } from './service.js';

export interface ZygotesOptions {
  readonly service: Service;
  readonly hasReadyWorker: () => boolean;
  /** One has loaded the app: workers are forked from it. */
  readonly onLoaded: () => void;
  /** One could not fork the worker that is to have this record. */
  readonly onForkFailed: (record: number, message: string) => void;
}

type LoadedMessage = Extract<ToMonitor, { type: 'loaded' }>;

/** The processes that have the app loaded, or load it, one for each generation: from fork to death. */
export class Zygotes extends ManagedProcesses<Zygote> {
  readonly #options: ZygotesOptions;
  readonly #holds: Holds;
  readonly #failures = new LoadFailures();
  #generation = 0;

  constructor(options: ZygotesOptions) {
    super(options.service);
    this.#options = options;
    this.#holds = new Holds(this.service.settings.holdConnects);
  }

  /** That of the zygote that is started next. */
  get nextGeneration(): number {
    return this.#generation + 1;
  }

  /** The one that new workers come from. */
  get newestLoaded(): Zygote | undefined {
    return [...this.all].filter(({ phase }) => phase === 'loaded').at(-1);
  }

  withGeneration(generation: number): Zygote | undefined {
    return [...this.all].find((zygote) => zygote.generation === generation);
  }

  facts(): Pick<Facts, 'zygotes' | 'loadNotBefore' | 'limits'> {
    const { settings } = this.service;
    // One that loads has the time of its own settings: these are in force only once it has loaded the app.
    const loading = [...this.all].filter(({ phase }) => phase === 'loading');
    const times = loading.map((zygote) => (zygote.settings ?? settings).spawnTimeout);
    const limits = times.length === 0 ? settings : { ...settings, spawnTimeout: Math.max(...times) };
    return { zygotes: [...this.all], loadNotBefore: this.#failures.notBefore, limits };
  }

  /** Starts one. @param generation one that has to be loaded once more, or the next */
  load(generation = this.nextGeneration): void {
    try {
      this.#start(generation, monotonicNow());
    } catch (error) {
      this.#onNotStarted(generation, (error as Error).message);
      return;
    }
    this.service.works('zygote');
  }

  /** @throws when there is no channel or no fork; that generation is skipped then */
  #start(generation: number, now: number): void {
    this.#generation = Math.max(this.#generation, generation);
    const zygote = new Zygote(generation, now);
    const order = { ...this.#holds.plan(generation), monitor: process.pid, generation };
    if (!this.#launchEarly(zygote, order)) this.#fork(zygote, order);
    this.all.add(zygote);
  }

  /** @returns whether there was a process that waits for it */
  #launchEarly(zygote: Zygote, order: ZygoteOrder): boolean {
    const { origin, scoreboard } = this.service.options;
    const early = takeEarlyZygote(origin, order);
    if (early === undefined) return false;
    zygote.pid = early.pid;
    zygote.channel = EventedChannel.over(early.channelFd, this.listenerFor(zygote), MAX_ZYGOTE_MESSAGE_BYTES);
    zygote.channel.send(early.command, [scoreboard.fd]);
    return true;
  }

  #fork(zygote: Zygote, order: ZygoteOrder): void {
    const { origin, scoreboard } = this.service.options;
    const [channel, theirs] = EventedChannel.open(this.listenerFor(zygote), MAX_ZYGOTE_MESSAGE_BYTES);
    zygote.channel = channel;
    try {
      zygote.pid = fork({ keepSockets: [theirs] });
      if (zygote.pid === 0) becomeZygote(origin, order, { channelFd: theirs, scoreboardFd: scoreboard.fd });
    } catch (error) {
      channel.close();
      throw error;
    } finally {
      discard(theirs);
    }
  }

  /** The system lacks something, which says nothing about the app. */
  #onNotStarted(generation: number, why: string): void {
    const { reloads, hasServed } = this.service;
    const isReload = reloads.running === generation;
    const isTheEnd = this.#failures.notStarted({ hasServed }, monotonicNow());
    if (isReload || isTheEnd) {
      this.service.report({ type: 'load failed', reasons: [`cannot start a zygote: ${withHint(why)}`], generation });
    }
    if (isReload) reloads.fail(`no zygote can be started: ${withHint(why)}`);
    else if (isTheEnd) this.service.giveUp('the app failed to load', LOAD_FAILED);
    else this.service.failed('zygote', why);
  }

  protected onMessage(zygote: Zygote, message: ToMonitor, sender: Sender): void {
    const { listeners } = this.service.options;
    switch (message.type) {
      case 'listen': {
        const violation = listeners.answer(message, zygote, sender);
        if (violation !== undefined) this.kill(zygote, `it ${violation}`);
        return;
      }
      case 'closed':
        listeners.closed(zygote, message.sockets);
        return;
      case 'listens on descriptor':
        listeners.usesInherited(message.fd);
        return;
      case 'serves':
        this.#tellWhetherServed(zygote, message.destination);
        return;
      case 'loaded':
        this.#onLoaded(zygote, message);
        return;
      case 'settings':
        this.#onSettings(zygote, message.settings);
        return;
      case 'refused':
        zygote.reasons = message.reasons;
        return;
      case 'hold': {
        const { type: _, ...request } = message;
        zygote.holdRequest = request;
        return;
      }
      case 'fork failed':
        this.#options.onForkFailed(message.record, message.message);
        return;
      case 'cannot listen':
        return; // If that keeps it from being loaded, it says so with its refusal.
      case 'warning':
        this.service.warnOf(zygote, message.message, monotonicNow());
        return;
      default:
        this.kill(zygote, `it sent '${message.type}', which a zygote has no reason to`);
    }
  }

  /** Its app is loaded as in a restart: it is not to find the workers that serve meanwhile, of whatever generation. */
  #tellWhetherServed(zygote: Zygote, destination: string): void {
    const answer = this.service.options.listeners.serves(destination, (holder) => holder === zygote);
    zygote.channel.send({ type: 'serves', answer });
  }

  /** They are read before any code of the app's runs, but for the first generation, which has those of the start. */
  #onSettings(zygote: Zygote, said: object): void {
    const isDue = zygote.generation > 1 && zygote.settings === undefined;
    const settings = isDue ? toldSettings(said, this.service.options.origin.settings) : undefined;
    if (settings === undefined) {
      this.kill(zygote, isDue ? 'it sent settings that cannot be' : "it sent 'settings', which it had no reason to");
      return;
    }
    zygote.settings = settings;
    // Its time begins when its program does. One that is told to end meanwhile is not to load again.
    if (zygote.phase === 'loading') zygote.enter('loading', monotonicNow());
  }

  #onLoaded(zygote: Zygote, { file, held, compaction }: LoadedMessage): void {
    if (zygote.phase !== 'loading') return; // It is being ended meanwhile.
    const now = monotonicNow();
    const sharedBytes = this.#measure(zygote);
    this.service.report({
      type: 'loaded',
      ...zygote.ref,
      milliseconds: now - zygote.since,
      sharedBytes,
      held,
      ...(file !== undefined && { file }),
      ...(compaction !== undefined && { compaction }),
    });
    zygote.enter('loaded', now);
    zygote.hasLoaded = true;
    this.#failures.loaded();
    this.#holds.loaded(zygote.generation);
    this.service.reloads.loaded(zygote.generation, zygote.settings);
    this.#options.onLoaded();
  }

  /** @returns what it holds for itself, in bytes; 0 where that cannot be seen */
  #measure({ pid }: Zygote): number {
    let bytes = 0;
    if (pid !== undefined)
      this.service.attempt('memory', () => {
        bytes = memoryOf(pid).private;
      });
    return bytes;
  }

  /** It has ended, or has closed its channel and is of no use; or it has made its channel useless for a reason. */
  protected onChannelClosed(zygote: Zygote, reason: string | undefined): void {
    if (reason !== undefined) this.kill(zygote, reason);
    else if (this.#isOfUse(zygote)) zygote.signal('SIGKILL');
  }

  kill(zygote: Zygote, reason: string): void {
    if (!this.#isOfUse(zygote)) return;
    this.service.warn(`is killed: ${reason}`, zygote.ref);
    this.end(zygote.generation, monotonicNow(), reason);
  }

  #isOfUse(zygote: Zygote): boolean {
    return this.all.has(zygote) && zygote.phase !== 'ending' && zygote.phase !== 'failed';
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

  /** One has died, and is reaped. @param how 'exit status 1', 'SIGKILL' */
  onDeath(zygote: Zygote, how: string): void {
    zygote.channel.readRest(); // Such as why it ends.
    const { generation, phase, hasLoaded, reasons, holdRequest } = zygote;
    this.#forget(zygote);
    this.service.options.listeners.gone(zygote);
    if (phase === 'ending' || this.service.stopping) return;
    if (!hasLoaded && holdRequest !== undefined && this.#holds.ask(generation, holdRequest)) {
      this.service.report({ type: 'connects held', ...zygote.ref, ...holdRequest });
      this.load(generation);
      return;
    }
    if (!hasLoaded) {
      this.#onLoadFailed(zygote, reasons.length > 0 ? reasons : [`it ended with ${how}`]);
      return;
    }
    this.service.report({ type: 'zygote died', how, ...zygote.ref });
    const { running } = this.service.reloads;
    if (running !== undefined && running <= generation) this.service.reloads.fail(`its zygote ended with ${how}`);
  }

  #onLoadFailed({ generation, ref }: Zygote, reasons: readonly string[]): void {
    const { service } = this;
    service.report({ type: 'load failed', reasons, ...ref });
    if (service.reloads.running === generation) {
      service.reloads.fail(`the app failed to load: ${inOneLine(reasons)}`);
    } else if (this.#failures.failed(service.health(this.#options.hasReadyWorker()), monotonicNow())) {
      service.giveUp('the app failed to load', LOAD_FAILED);
    }
  }

  /** At the end of the service: those that are still there are left behind. */
  forgetAll(): void {
    for (const zygote of this.all) this.#forget(zygote);
  }

  #forget(zygote: Zygote): void {
    this.all.delete(zygote);
    zygote.channel.close();
  }
}

/** A reason that ends with a colon leads on to those after it. */
function inOneLine(reasons: readonly string[]): string {
  return reasons.join('; ').replaceAll(':;', ':').replace(/\s+/g, ' ');
}
