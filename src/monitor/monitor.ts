import { monotonicNow } from '../scoreboard/index.js';
import { makeSmall } from './own-memory.js';
import { requestStop } from './policy/stopping.js';
import { type Action, decide, type Facts, isCalm } from './policy/supervision.js';
import { describeEnd, Reaper } from './reaper.js';
import { Recycler } from './recycle.js';
import { type MonitorOptions, Service } from './service.js';
import { WorkerMessages } from './worker-messages.js';
import { Workers } from './workers.js';
import { Zygotes } from './zygotes.js';

/** How soon to poll again, in milliseconds: when all is well, and while something is under way. */
const CALM_INTERVAL_MS = 1000;
const BUSY_INTERVAL_MS = 25;
/** How soon to read again what workers report while they serve, in milliseconds: status commands show it. */
const REPORT_INTERVAL_MS = 100;
/** A poll that is so late means that this process stood still, as the workers may have. */
const STOOD_STILL_MS = 3000;
/** How long, in milliseconds, until what follows from events that may wait is done. */
const SOON_MS = 10;

/** Keeps the zygote and the workers as they should be: it learns what is, has the policy decide, and does that. */
export class Monitor {
  readonly #service: Service;
  readonly #zygotes: Zygotes;
  readonly #workers: Workers;
  readonly #recycler: Recycler;
  readonly #reaper = new Reaper();
  /** Heartbeats before that say nothing: the machine may have stood still. */
  #heartbeatsFrom = 0;
  #polledAt = monotonicNow();
  #timer: NodeJS.Timeout | undefined;
  #reportTimer: NodeJS.Timeout | undefined;
  #soonTimer: NodeJS.Timeout | undefined;
  #end: ((status: number) => void) | undefined;

  constructor(options: MonitorOptions) {
    const service = new Service(options, {
      handle: (event) => this.#handle(event),
      handleSoon: (event) => this.#handleSoon(event),
      giveUp: (reason, status) => this.#stop(reason, { status }),
      endGeneration: (generation) => {
        this.#zygotes.end(generation, monotonicNow());
        this.#workers.retireGeneration(generation);
      },
    });
    const zygotes = new Zygotes({
      service,
      hasReadyWorker: () => this.#workers.hasReadyWorker,
      onLoaded: () => this.#recycler.reset(),
      onForkFailed: (record, message) => this.#workers.onForkFailed(record, message),
    });
    const workers = new Workers({
      service,
      zygotes,
      onMessage: (worker, message, sender) => messages.take(worker, message, sender),
    });
    const messages = new WorkerMessages({ service, workers, zygotes, reaper: this.#reaper });
    this.#service = service;
    this.#zygotes = zygotes;
    this.#workers = workers;
    this.#recycler = new Recycler(service, workers);
  }

  /** Runs until it is stopped or gives up. @returns the exit status */
  run(): Promise<number> {
    // A signal that was sent to all processes of the service may be in the same turn, and comes before its effect.
    const onChild = () => setImmediate(() => this.#handle(() => this.#reap()));
    process.on('SIGCHLD', onChild);
    return new Promise<number>((resolve) => {
      this.#end = resolve;
      this.#act();
    }).finally(() => process.off('SIGCHLD', onChild));
  }

  /** Brings what the scoreboard says of the workers up to date. */
  refresh(): void {
    this.#workers.readReports(monotonicNow());
  }

  /** How many requests there have been so far, as of the last refresh(). */
  get requests(): number {
    return this.#workers.requests;
  }

  /** How many workers there are to be. */
  get target(): number {
    return this.#service.reloads.target;
  }

  scale(target: number): void {
    const { reloads, options } = this.#service;
    const workers = Math.min(Math.max(target, 1), options.scoreboard.size / 2);
    if (workers === reloads.target) return;
    this.#handle(() => {
      reloads.target = workers;
      this.#service.report({ type: 'scaled', workers });
    });
  }

  /** Loads the app anew, and replaces every worker once as many new ones are ready. */
  reload(): void {
    this.#handle(() => this.#service.reloads.request());
  }

  /** Ends the service; a second time it is made quicker. @param status the exit status */
  stop(reason: string, options?: { readonly quick?: boolean; readonly status?: number }): void {
    this.#handle(() => this.#stop(reason, options));
  }

  #stop(reason: string, { quick = false, status = 0 } = {}): void {
    const service = this.#service;
    const { stopping, step } = requestStop(service.stopping, { quick, status }, monotonicNow());
    service.stopping = stopping;
    if (step === 'begin') {
      service.report({ type: 'stopping', reason });
      service.options.scoreboard.stopping = true;
    }
    this.#workers.onStop(step, quick);
  }

  #handle(event: () => void): void {
    event();
    this.#act();
  }

  #handleSoon(event: () => void): void {
    event();
    this.#soonTimer ??= setTimeout(() => this.#act(), SOON_MS);
  }

  #act(): void {
    if (this.#end === undefined) return;
    clearTimeout(this.#soonTimer);
    this.#soonTimer = undefined;
    this.#poll(monotonicNow());
    const now = monotonicNow(); // Of a worker that was reaped just now the slot is free from then on, not before.
    const actions = decide(this.#facts(), now);
    for (const action of actions) this.#do(action, now);
    this.#publish();
    clearTimeout(this.#timer);
    if (actions.some(({ type }) => type === 'stopped')) this.#finish(this.#end);
    else this.#timer = setTimeout(() => this.#act(), this.#isCalm ? this.#calmInterval(now) : BUSY_INTERVAL_MS);
  }

  /** A worker that reaches its limit of age is seen in time. */
  #calmInterval(now: number): number {
    return Math.max(BUSY_INTERVAL_MS, Math.min(CALM_INTERVAL_MS, this.#recycler.nextAge() - now));
  }

  /** Looks for what no event tells. */
  #poll(now: number): void {
    if (now - this.#polledAt > STOOD_STILL_MS) this.#heartbeatsFrom = now;
    this.#polledAt = now;
    this.#readReports(now);
    this.#reap();
    this.#signalAgain();
    this.#workers.poll(now);
    this.#recycler.poll(now);
    if (this.#isCalm) this.#onCalm();
    const service = this.#service;
    if (!service.stopping) service.reloads.start(this.#zygotes.nextGeneration);
    const { listeners } = service.options;
    service.attempt('listeners', () => {
      listeners.revive();
      for (const message of listeners.takeNews()) service.warnOfService(message, now);
      if (this.#isCalm) listeners.prune(now);
      else if (!service.stopping) listeners.restorePaths();
    });
  }

  /** Reads what workers report, and again while they have something to do. */
  #readReports(now: number): void {
    clearTimeout(this.#reportTimer);
    if (!this.#workers.readReports(now)) return;
    this.#reportTimer = setTimeout(() => this.#readReports(monotonicNow()), REPORT_INTERVAL_MS).unref();
  }

  #reap(): void {
    this.#service.attempt('reap', () => {
      this.#reaper.reap((status) => {
        const worker = this.#workers.withPid(status.pid);
        const zygote = this.#zygotes.withPid(status.pid);
        if (worker) this.#workers.onDeath(worker, describeEnd(status));
        else if (zygote) this.#zygotes.onDeath(zygote, describeEnd(status));
        return worker !== undefined || zygote !== undefined;
      });
    });
  }

  #signalAgain(): void {
    const errors = [...this.#workers, ...this.#zygotes].map((process) => process.sendAgain());
    const error = errors.find((each) => each !== undefined);
    if (error) this.#service.failed('signal', error.message);
    else this.#service.works('signal');
  }

  /** All workers serve, and nothing is under way. */
  #onCalm(): void {
    const service = this.#service;
    for (const name of ['fork', 'message'] as const) service.works(name);
    if (service.hasServed) return;
    service.hasServed = true;
    const addresses = service.options.listeners.describe().map(({ address }) => address);
    service.report({ type: 'serving', addresses, workers: this.target });
    setImmediate(makeSmall); // Once that is said.
  }

  /** Asked several times in each turn, and so without the facts of each worker. */
  get #isCalm(): boolean {
    const { reloads, stopping } = this.#service;
    const { target, running, cutoverGeneration } = reloads;
    return isCalm({ target, workers: [...this.#workers], reload: running, cutoverGeneration, stopping });
  }

  /**
   * All that the policy decides by. What is made in each turn is made without object spread: in Node 20 a copy to which
   * properties are added has hidden classes of its own, which stay until the next full collection.
   */
  #facts(): Facts {
    const { options, reloads, stopping, refusing } = this.#service;
    const { target, oldest, running, cutoverGeneration } = reloads;
    const { workers, forkNotBefore, crashNotBefore } = this.#workers.facts(this.#heartbeatsFrom);
    const { zygotes, loadNotBefore, limits } = this.#zygotes.facts();
    return {
      target,
      limits,
      workers,
      zygotes,
      records: options.scoreboard.size,
      forkNotBefore,
      crashNotBefore,
      renewNotBefore: this.#recycler.notBefore,
      loadNotBefore,
      oldest,
      reload: running,
      cutoverGeneration,
      stopping,
      refusing,
    };
  }

  #do(action: Action, now: number): void {
    const service = this.#service;
    const workers = this.#workers;
    const worker = 'record' in action ? workers.withRecord(action.record) : undefined;
    if (action.type === 'load') this.#zygotes.load();
    else if (action.type === 'fork') workers.fork(action.slot, action.generation);
    else if (action.type === 'retire' && worker) workers.retire(worker, action.reason, action.quick);
    else if (action.type === 'kill' && worker) workers.kill(worker, action.reason);
    else if (action.type === 'end zygote') this.#zygotes.end(action.generation, now, action.reason);
    else if (action.type === 'cut over') service.reloads.cutOver();
    else if (action.type === 'reloaded') this.#onReloaded();
    else if (action.type === 'refuse') this.#refuseClients();
  }

  /** Only the new generation takes clients. */
  #onReloaded(): void {
    const { reloads } = this.#service;
    reloads.finish();
    this.#workers.turns.prune(reloads.oldest);
  }

  /** No process of the service takes clients any more: those that come are told. */
  #refuseClients(): void {
    const service = this.#service;
    service.attempt('listeners', () => {
      service.refusing = true;
      service.options.listeners.shutdown();
    });
  }

  #publish(): void {
    const { newestLoaded: zygote } = this.#zygotes;
    const { forked, died, killed } = this.#workers.counters;
    this.#service.publish({
      zygote: zygote ? { pid: zygote.pid ?? 0, generation: zygote.generation } : null,
      counters: { forked, died, killed, reloads: this.#service.reloads.count },
    });
  }

  #finish(end: (status: number) => void): void {
    const service = this.#service;
    const status = service.stopping?.status ?? 0;
    this.#end = undefined;
    clearTimeout(this.#reportTimer);
    for (const { ref } of [...this.#workers, ...this.#zygotes]) {
      service.warn('SIGKILL has not ended it: it is left behind', ref);
    }
    this.#workers.forgetAll();
    this.#zygotes.forgetAll();
    service.attempt('listeners', () => service.options.listeners.close());
    service.report({ type: 'stopped', status });
    this.#publish();
    end(status);
  }
}
