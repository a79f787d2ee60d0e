import type { AppMessage } from '../channel/framing.js';
import type { ToMonitor } from '../channel/messages.js';
import type { ChildStatus } from '../posix/index.js';
import { monotonicNow } from '../scoreboard/index.js';
import { kill, retire } from './orders.js';
import { makeSmall } from './own-memory.js';
import { type Action, decide, isCalm } from './policy/supervision.js';
import { describeEnd } from './reaper.js';
import { Expiry } from './recycle.js';
import { beginReload, endReload, takeOver } from './reload.js';
import { refuse, stop } from './shutdown.js';
import { type MonitorOptions, State } from './state.js';
import * as workerLife from './worker-life.js';
import { Workers } from './workers.js';
import * as zygoteLife from './zygote-life.js';
import { Zygotes } from './zygotes.js';

/** How soon to look again, in milliseconds: when all is well, and while something is under way. */
const CALM_TICK = 1000;
const BUSY_TICK = 25;
/** How soon to look again at what workers report while they serve, in milliseconds: status commands read it. */
const REPORT_TICK = 100;
/** A tick that is so late means that this process stood still, as the workers may have. In milliseconds. */
const STOOD_STILL = 3000;

/** Messages that were answered where they were read, or are only to be shown. */
const DECIDES_NOTHING: ReadonlySet<ToMonitor['type']> = new Set([
  ...(['listen', 'closed', 'listens on descriptor', 'cannot listen'] as const),
  ...(['warning', 'once', 'once ended'] as const),
]);
/** How long, in milliseconds, until what follows from them is shown. */
const SOON = 10;

/** What is wrong with what a process's app has to say to a parent of the monitor's. */
const FOR_NOBODY = 'it sent a message to a parent that there is none of';

/** Keeps the zygote and the workers as they should be: it learns what is, has the policy decide, and does that. */
export class Monitor {
  readonly #state: State;
  readonly #expiry = new Expiry();
  #lastTick = monotonicNow();
  #timer: NodeJS.Timeout | undefined;
  #followTimer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #end: ((status: number) => void) | undefined;

  constructor(options: MonitorOptions) {
    const { origin, scoreboard } = options;
    const workers = new Workers({
      scoreboard,
      message: (worker, message, sender) => {
        this.#hear(message, () => workerLife.fromWorker(this.#state, worker, message, sender));
      },
      forParent: (worker, said) => {
        this.#forward(said, () => kill(this.#state, worker, FOR_NOBODY));
      },
      unheard: (worker, reason) => this.#heed(() => workerLife.unheard(this.#state, worker, reason)),
      delayed: (why) => this.#state.failed('message', why),
    });
    const zygotes = new Zygotes({
      origin,
      scoreboard,
      message: (zygote, message, sender) => {
        this.#hear(message, () => zygoteLife.fromZygote(this.#state, zygote, message, sender));
      },
      forParent: (zygote, said) => {
        this.#forward(said, () => zygoteLife.unheard(this.#state, zygote, FOR_NOBODY));
      },
      unheard: (zygote, reason) => this.#heed(() => zygoteLife.unheard(this.#state, zygote, reason)),
      delayed: (why) => this.#state.failed('message', why),
    });
    this.#state = new State(options, workers, zygotes);
  }

  /** Runs until it is stopped or gives up. @returns the exit status */
  run(): Promise<number> {
    // A signal that was sent to all processes of the service may be in the same turn, and comes before its effect.
    const onChild = () => setImmediate(() => this.#heed(() => this.#reap()));
    process.on('SIGCHLD', onChild);
    return new Promise<number>((resolve) => {
      this.#end = resolve;
      this.#act();
    }).finally(() => process.off('SIGCHLD', onChild));
  }

  /** Brings what the scoreboard says of the workers up to date. */
  refresh(): void {
    this.#state.workers.readReports(monotonicNow());
  }

  /** How many requests there have been so far, as of the last refresh(). */
  get requests(): number {
    return this.#state.workers.requests;
  }

  get target(): number {
    return this.#state.target;
  }

  /** How many workers there are to be. */
  scale(target: number): void {
    const workers = Math.min(Math.max(target, 1), this.#state.options.scoreboard.size / 2);
    if (workers === this.#state.target) return;
    this.#heed(() => {
      this.#state.target = workers;
      this.#state.report({ type: 'scaled', workers });
    });
  }

  /** Loads the app anew, and replaces every worker once as many new ones are ready. */
  reload(): void {
    this.#heed(() => this.#state.reloads.ask());
  }

  /** Ends the service; a second time it is made quicker. @param status the exit status */
  stop(reason: string, options?: { readonly quick?: boolean; readonly status?: number }): void {
    this.#heed(() => stop(this.#state, reason, options));
  }

  /** Without a turn of its own for each message: it changes nothing. @param refuse for a process that has no reason to */
  #forward(said: AppMessage, refuse: () => void): void {
    const { forward } = this.#state.options;
    if (forward === undefined) this.#heed(refuse);
    else forward(said);
  }

  /** What leads to no decision may wait: a process that says it again and again has not all looked at each time. */
  #hear({ type }: ToMonitor, news: () => void): void {
    if (!DECIDES_NOTHING.has(type)) {
      this.#heed(news);
      return;
    }
    news();
    this.#soon ??= setTimeout(() => this.#act(), SOON);
  }

  #heed(news: () => void): void {
    news();
    this.#act();
  }

  #act(): void {
    if (this.#end === undefined) return;
    clearTimeout(this.#soon);
    this.#soon = undefined;
    const state = this.#state;
    const now = monotonicNow();
    this.#look(now);
    const actions = decide(state.facts(), now);
    for (const action of actions) this.#do(action, now);
    state.publish();
    clearTimeout(this.#timer);
    if (actions.some(({ type }) => type === 'stopped')) this.#finish(this.#end);
    else this.#timer = setTimeout(() => this.#act(), isCalm(state.facts()) ? this.#calmTick(now) : BUSY_TICK);
  }

  /** A worker that reaches its limit of age is seen in time. */
  #calmTick(now: number): number {
    return Math.max(BUSY_TICK, Math.min(CALM_TICK, this.#expiry.nextAge(this.#state) - now));
  }

  /** What workers report is read more often while they have something to do. */
  #follow(now: number): void {
    clearTimeout(this.#followTimer);
    if (!this.#state.workers.readReports(now)) return;
    this.#followTimer = setTimeout(() => this.#follow(monotonicNow()), REPORT_TICK).unref();
  }

  /** What nobody tells. */
  #look(now: number): void {
    const state = this.#state;
    if (now - this.#lastTick > STOOD_STILL) state.heartbeatsFrom = now;
    this.#lastTick = now;
    this.#follow(now);
    this.#reap();
    this.#signalAgain();
    workerLife.endUnheard(state, now);
    this.#expiry.look(state, now);
    if (isCalm(state.facts())) this.#serves();
    beginReload(state);
    const { listeners } = state.options;
    state.attempt('listeners', () => {
      listeners.revive();
      for (const message of listeners.takeNews()) state.warnOfService(message, now);
      if (isCalm(state.facts())) listeners.prune(now);
      else if (!state.stopping) listeners.restorePaths();
    });
  }

  #reap(): void {
    const { reaper } = this.#state;
    this.#state.attempt('reap', () => reaper.reap((status) => this.#ended(status)));
  }

  #signalAgain(): void {
    const { workers, zygotes } = this.#state;
    const errors = [...workers, ...zygotes].map((process) => process.sendAgain());
    const error = errors.find((each) => each !== undefined);
    if (error) this.#state.failed('signal', error.message);
    else this.#state.works('signal');
  }

  #serves(): void {
    const { options, target, hasServed } = this.#state;
    for (const name of ['fork', 'message'] as const) this.#state.works(name);
    if (hasServed) return;
    this.#state.hasServed = true;
    const addresses = options.listeners.describe().map(({ address }) => address);
    this.#state.report({ type: 'serving', addresses, workers: target });
    setImmediate(makeSmall); // Once that is said.
  }

  #do(action: Action, now: number): void {
    const state = this.#state;
    const worker = 'record' in action ? state.workers.withRecord(action.record) : undefined;
    if (action.type === 'load') zygoteLife.load(state);
    else if (action.type === 'fork') workerLife.fork(state, action.slot, action.generation);
    else if (action.type === 'retire' && worker) retire(state, worker, action.reason, action.quick);
    else if (action.type === 'kill' && worker) kill(state, worker, action.reason);
    else if (action.type === 'end zygote') state.zygotes.end(action.generation, now, action.reason);
    else if (action.type === 'take over') takeOver(state);
    else if (action.type === 'reloaded') endReload(state);
    else if (action.type === 'refuse') state.attempt('listeners', () => refuse(state));
  }

  #ended(status: ChildStatus): boolean {
    const worker = this.#state.workers.withPid(status.pid);
    const zygote = this.#state.zygotes.withPid(status.pid);
    if (worker) workerLife.workerDied(this.#state, worker, describeEnd(status));
    else if (zygote) {
      zygote.channel.readRest(); // Such as why it ends.
      zygoteLife.zygoteDied(this.#state, zygote, describeEnd(status));
    }
    return worker !== undefined || zygote !== undefined;
  }

  #finish(end: (status: number) => void): void {
    const { options, stopping } = this.#state;
    const status = stopping?.status ?? 0;
    this.#end = undefined;
    clearTimeout(this.#followTimer);
    this.#state.leaveBehind();
    this.#state.attempt('listeners', () => options.listeners.close());
    this.#state.report({ type: 'stopped', status });
    this.#state.publish();
    end(status);
  }
}
