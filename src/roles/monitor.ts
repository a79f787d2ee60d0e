import type { EventedChannel } from '../channel/evented.js';
import type { ToMonitor } from '../channel/messages.js';
import { backOff } from '../policy/back-off.js';
import { SlotHistory } from '../policy/slot-history.js';
import { type Action, decide, EARLY_ENDS, type Facts, type Limits, RELOAD_DEATHS } from '../policy/supervision.js';
import { reached, type UseLimits, withJitter } from '../policy/worker-limits.js';
import { type ChildStatus, getpid } from '../posix/index.js';
import { type Description, monotonicNow, type Scoreboard } from '../scoreboard/index.js';
import type { AppOptions } from './app-process.js';
import type { Worker, Zygote } from './crew.js';
import type { MonitorEvent, Who } from './events.js';
import type { Listeners } from './listeners.js';
import { describeEnd, Reaper } from './reaper.js';
import { Workers } from './workers.js';
import { Zygotes } from './zygotes.js';

/** Exit statuses. */
const BOOT_FAILED = 3;
const LOAD_FAILED = 4;
/** How soon to look again, in milliseconds: when all is well, and while something is under way. */
const CALM_TICK = 1000;
const BUSY_TICK = 25;
/** A tick that is so late means that this process stood still, as the workers may have. In milliseconds. */
const STOOD_STILL = 3000;

export interface MonitorOptions {
  readonly app: Omit<AppOptions, 'monitor' | 'generation'>;
  readonly args: readonly string[];
  readonly workers: number;
  readonly limits: Limits;
  readonly use: UseLimits;
  readonly jitter: number;
  /** Bytes that a worker holds; asked for only when there is a limit. */
  readonly memoryOf: (pid: number) => number;
  readonly scoreboard: Scoreboard;
  readonly listeners: Listeners;
  readonly report: (event: MonitorEvent) => void;
  /** Parts of the description that the monitor does not know. */
  readonly about: Pick<Description, 'version' | 'app' | 'args' | 'cwd' | 'startedAt'>;
}

/** Keeps the zygote and the workers as they should be: it learns what is, has the policy decide, and does that. */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #workers: Workers;
  readonly #zygotes: Zygotes;
  readonly #reaper = new Reaper();
  readonly #slots = new SlotHistory();
  readonly #counters = { forked: 0, died: 0, killed: 0, reloads: 0 };
  #target: number;
  /** The oldest generation that may serve on. */
  #oldest = 1;
  #loadFailures = 0;
  #loadNotBefore = 0;
  #hasServed = false;
  #reload: { generation: number; deaths: number; before: number; again: boolean } | undefined;
  #reloadResult: Description['reload'] = { state: 'none', generation: 0 };
  #stopping: { quick: boolean; since: number } | undefined;
  #status = 0;
  #refusing = false;
  /** Heartbeats before that say nothing: the machine may have stood still. */
  #heartbeatsFrom = 0;
  #lastTick = monotonicNow();
  #memoryTurn = 0;
  #timer: NodeJS.Timeout | undefined;
  #acting = false;
  #end: ((status: number) => void) | undefined;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#target = options.workers;
    const { app, args, scoreboard } = options;
    this.#zygotes = new Zygotes({
      app,
      args,
      scoreboard,
      message: (zygote, message) => this.#heed(() => this.#fromZygote(zygote, message)),
    });
    this.#workers = new Workers({
      scoreboard,
      message: (worker, message) => this.#heed(() => this.#fromWorker(worker, message)),
      unheard: (worker) => this.#heed(() => this.#unheard(worker)),
    });
  }

  /** Runs until it is stopped or gives up. @returns the exit status */
  run(): Promise<number> {
    const onChild = () => this.#heed(() => this.#reaper.reap((status) => this.#ended(status)));
    process.on('SIGCHLD', onChild);
    return new Promise<number>((resolve) => {
      this.#end = resolve;
      this.#act();
    }).finally(() => process.off('SIGCHLD', onChild));
  }

  get target(): number {
    return this.#target;
  }

  /** How many workers there are to be. */
  scale(target: number): void {
    const wanted = Math.min(Math.max(target, 1), this.#options.scoreboard.size / 2);
    if (wanted === this.#target) return;
    this.#target = wanted;
    this.#options.report({ type: 'scaled', workers: wanted });
    this.#act();
  }

  /** Loads the app anew, and replaces every worker once as many new ones are ready. */
  reload(): void {
    if (this.#stopping) return;
    if (this.#reload) {
      this.#reload.again = true;
      return;
    }
    const generation = this.#zygotes.nextGeneration;
    this.#reload = { generation, deaths: 0, before: this.#oldest, again: false };
    this.#reloadResult = { state: 'running', generation };
    this.#options.report({ type: 'reload begins', generation });
    this.#act();
  }

  /** Ends the service; a second time it is made quicker. @param status the exit status */
  stop(reason: string, { quick = false, status = 0 } = {}): void {
    if (this.#stopping === undefined) {
      this.#options.report({ type: 'stopping', reason });
      this.#status = status;
      this.#options.scoreboard.stopping = true;
      this.#stopping = { quick, since: monotonicNow() };
    } else if (this.#stopping.quick) {
      for (const worker of this.#workers) this.#kill(worker, 'it was to end at once');
    } else if (quick) {
      this.#stopping = { quick, since: monotonicNow() };
      for (const worker of this.#workers) if (worker.phase === 'draining') this.#workers.signal(worker, 'SIGINT');
    }
    this.#act();
  }

  #heed(news: () => void): void {
    news();
    this.#act();
  }

  #act(): void {
    // What is done here reports, and may be answered by a call.
    if (this.#acting || this.#end === undefined) return;
    this.#acting = true;
    const now = monotonicNow();
    this.#look(now);
    const actions = decide(this.#facts(), now);
    for (const action of actions) this.#do(action, now);
    this.#options.scoreboard.describe(this.description());
    this.#acting = false;
    clearTimeout(this.#timer);
    if (actions.some(({ type }) => type === 'stopped')) this.#finish(this.#end);
    else this.#timer = setTimeout(() => this.#act(), this.#isCalm() ? CALM_TICK : BUSY_TICK);
  }

  /** What nobody tells. */
  #look(now: number): void {
    if (now - this.#lastTick > STOOD_STILL) this.#heartbeatsFrom = now;
    this.#lastTick = now;
    this.#expire(now);
    const { listeners } = this.#options;
    if (this.#stopping && !this.#refusing && [...this.#workers].every(hasStoppedAccepting)) {
      this.#refusing = true;
      listeners.shutdown();
    }
    const serving = [...this.#workers].map(({ generation }) => generation);
    if (!this.#reload && this.#hasServed) listeners.prune(Math.min(this.#oldest, ...serving));
  }

  #isCalm(): boolean {
    const allReady = [...this.#workers].every(({ phase }) => phase === 'ready');
    return (
      allReady && this.#workers.size === this.#target && this.#reload === undefined && this.#stopping === undefined
    );
  }

  #facts(): Facts {
    return {
      target: this.#target,
      limits: this.#options.limits,
      workers: this.#workers.facts(this.#heartbeatsFrom),
      zygotes: [...this.#zygotes],
      forkNotBefore: this.#slots.notBefore,
      loadNotBefore: this.#loadNotBefore,
      oldest: this.#oldest,
      reload: this.#reload?.generation,
      stopping: this.#stopping,
    };
  }

  #do(action: Action, now: number): void {
    const worker = 'record' in action ? this.#workers.withRecord(action.record) : undefined;
    if (action.type === 'load') this.#load(now);
    else if (action.type === 'fork') this.#fork(action.slot, action.generation, now);
    else if (action.type === 'retire' && worker) this.#retire(worker, action.quick, now);
    else if (action.type === 'kill' && worker) this.#kill(worker, action.reason);
    else if (action.type === 'end zygote') this.#zygotes.end(action.generation, now, action.reason);
    else if (action.type === 'reloaded') this.#reloaded();
  }

  // Zygotes

  #load(now: number): void {
    const generation = this.#zygotes.nextGeneration;
    try {
      this.#zygotes.load(now);
    } catch (error) {
      this.#loadFailed({ generation }, [(error as Error).message], now);
    }
  }

  #fromZygote(zygote: Zygote, message: ToMonitor): void {
    const { generation, pid, channel } = zygote;
    switch (message.type) {
      case 'listen':
        this.#listen(channel, message, generation);
        return;
      case 'loaded':
        this.#loaded(zygote);
        return;
      case 'refused':
        zygote.reasons = message.reasons;
        return;
      case 'fork failed':
        this.#forkFailed(message.record, message.message);
        return;
      case 'warning':
        this.#options.report({ type: 'warning', message: message.message, pid, generation });
    }
  }

  #loaded(zygote: Zygote): void {
    const now = monotonicNow();
    const { generation, pid } = zygote;
    this.#options.report({ type: 'loaded', generation, pid, milliseconds: now - zygote.since });
    zygote.enter('loaded', now);
    this.#loadFailures = 0;
    if (this.#reload?.generation === generation) this.#oldest = generation;
  }

  #zygoteDied(zygote: Zygote, how: string): void {
    const { generation, pid, phase } = zygote;
    const now = monotonicNow();
    this.#zygotes.forget(zygote);
    if (phase === 'ending' || this.#stopping) return;
    if (phase === 'loading') {
      const reasons = zygote.reasons.length > 0 ? zygote.reasons : [`it ended with ${how}`];
      this.#loadFailed({ generation, pid }, reasons, now);
      return;
    }
    this.#options.report({ type: 'zygote died', how, generation, pid });
    if (this.#reload && this.#reload.generation <= generation) this.#abortReload(`its zygote ended with ${how}`);
  }

  #loadFailed(who: Who, reasons: readonly string[], now: number): void {
    this.#options.report({ type: 'load failed', reasons, ...who });
    if (this.#reload && this.#reload.generation === who.generation) {
      this.#abortReload('the app failed to load');
      return;
    }
    this.#loadFailures++;
    this.#loadNotBefore = now + backOff(this.#loadFailures);
    if (!this.#hasServed || (!this.#workers.serve && this.#loadFailures >= EARLY_ENDS)) {
      this.stop('the app failed to load', { status: LOAD_FAILED });
    }
  }

  // Workers

  #fork(slot: number, generation: number, now: number): void {
    const zygote = this.#zygotes.withGeneration(generation);
    if (zygote === undefined) return;
    const [{ record }, channel] = this.#workers.add(slot, generation, now);
    this.#counters.forked++;
    zygote.channel.give({ type: 'fork', slot, generation, record: record.index }, channel);
  }

  #fromWorker(worker: Worker, message: ToMonitor): void {
    switch (message.type) {
      case 'listen':
        this.#listen(worker.channel, message, worker.generation);
        return;
      case 'hello':
        this.#heard(worker, message.pid);
        return;
      case 'ready':
        this.#ready(worker);
        return;
      case 'warning':
        this.#options.report({ type: 'warning', message: message.message, ...who(worker) });
    }
  }

  #heard(worker: Worker, pid: number): void {
    worker.pid = pid;
    const status = this.#reaper.claim(pid);
    if (status) this.#workerDied(worker, describeEnd(status));
    else if (worker.phase === 'forking') worker.enter('booting', worker.since);
    else this.#workers.signal(worker, 'SIGKILL'); // Given up meanwhile.
  }

  #ready(worker: Worker): void {
    if (worker.phase !== 'booting') return; // It was told to leave meanwhile.
    const now = monotonicNow();
    this.#options.report({ type: 'worker ready', milliseconds: now - worker.since, ...who(worker) });
    worker.enter('ready', now);
    worker.readyAt = now;
    worker.limits = withJitter(this.#options.use, this.#options.jitter, Math.random);
    if (this.#hasServed || !this.#isCalm()) return;
    this.#hasServed = true;
    const addresses = this.#options.listeners.describe().map(({ address }) => address);
    this.#options.report({ type: 'serving', addresses, workers: this.#target });
  }

  #retire(worker: Worker, quick: boolean, now: number): void {
    if (worker.pid === undefined) return;
    const reason = this.#stopping ? 'the service ends' : this.#reasonToLeave(worker);
    this.#options.report({ type: 'worker leaves', reason, ...who(worker) });
    worker.enter('draining', now);
    this.#workers.signal(worker, quick ? 'SIGINT' : 'SIGTERM');
  }

  #reasonToLeave(worker: Worker): string {
    if (worker.generation < this.#oldest) return 'a newer generation serves';
    return worker.expired ? 'its successor serves' : 'fewer workers are wanted';
  }

  #kill(worker: Worker, reason: string): void {
    if (worker.killed) return;
    worker.killed = true;
    this.#counters.killed++;
    this.#options.report({ type: 'worker killed', reason, ...who(worker) });
    this.#workers.signal(worker, 'SIGKILL');
    // A zygote that does not fork is no good.
    if (worker.pid === undefined) this.#zygotes.end(worker.generation, monotonicNow(), reason);
  }

  /** Nobody holds its channel any more. One that has said its name is reaped; another one never came to life. */
  #unheard(worker: Worker): void {
    if (worker.pid !== undefined || !this.#workers.has(worker)) return;
    const isForked = this.#zygotes.withGeneration(worker.generation)?.phase === 'loaded';
    if (isForked) this.#workerDied(worker, 'not a word');
    else this.#workers.forget(worker);
  }

  #forkFailed(record: number, message: string): void {
    const worker = this.#workers.withRecord(record);
    if (worker === undefined) return;
    this.#options.report({ type: 'warning', message: `the fork failed: ${message}`, ...who(worker) });
    this.#workers.forget(worker);
    this.#countDeath(worker, false);
  }

  #ended(status: ChildStatus): boolean {
    const worker = this.#workers.withPid(status.pid);
    const zygote = this.#zygotes.withPid(status.pid);
    if (worker) this.#workerDied(worker, describeEnd(status));
    else if (zygote) this.#zygoteDied(zygote, describeEnd(status));
    return worker !== undefined || zygote !== undefined;
  }

  #workerDied(worker: Worker, how: string): void {
    const expected = worker.phase === 'draining' || worker.killed;
    this.#counters.died++;
    this.#options.report({ type: 'worker died', how, expected, ...who(worker) });
    const served = worker.record.accepted > 0;
    this.#workers.forget(worker); // First: what its death leads to may signal all the others.
    if (worker.phase !== 'draining') this.#countDeath(worker, served);
  }

  #countDeath({ slot, generation, readyAt }: Worker, served: boolean): void {
    const now = monotonicNow();
    const ready = readyAt !== undefined;
    const death = { ready, readyFor: ready ? now - readyAt : 0, served };
    const early = this.#slots.died(slot, death, now);
    if (ready || this.#stopping) return;
    if (this.#reload?.generation === generation) {
      if (++this.#reload.deaths >= RELOAD_DEATHS) this.#abortReload('its workers die before they are ready');
    } else if (!this.#workers.serve && early >= EARLY_ENDS) {
      this.stop('workers die before they are ready, again and again', { status: BOOT_FAILED });
    }
  }

  #expire(now: number): void {
    const ready = [...this.#workers].filter(({ phase, expired }) => phase === 'ready' && !expired);
    const measured = ready[this.#memoryTurn++ % Math.max(1, ready.length)];
    for (const worker of ready) {
      const { limits, pid, readyAt } = worker;
      if (limits === undefined || readyAt === undefined || pid === undefined) continue;
      // One at a time: the kernel has to look at every page.
      const memory = limits.memory > 0 && worker === measured ? this.#options.memoryOf(pid) : 0;
      const use = { requests: worker.record.requests, memory, lifetime: now - readyAt };
      const reason = reached(use, limits);
      if (reason === undefined) continue;
      worker.expired = true;
      this.#options.report({ type: 'warning', message: `to be replaced: ${reason}`, ...who(worker) });
    }
  }

  // Reload

  #reloaded(): void {
    const reload = this.#reload;
    if (reload === undefined) return;
    const { generation } = reload;
    this.#counters.reloads++;
    this.#reloadResult = { state: 'done', generation };
    this.#options.report({ type: 'reloaded', generation });
    this.#endReload();
  }

  #abortReload(reason: string): void {
    const reload = this.#reload;
    if (reload === undefined) return;
    const { generation, before } = reload;
    const now = monotonicNow();
    this.#oldest = before;
    this.#reloadResult = { state: 'failed', generation, reason };
    this.#options.report({ type: 'reload failed', generation, reason });
    this.#zygotes.end(generation, now);
    for (const worker of this.#workers) {
      if (worker.generation !== generation || worker.phase === 'draining') continue;
      if (worker.phase === 'forking') worker.enter('draining', now);
      else this.#retire(worker, false, now);
    }
    this.#endReload();
  }

  #endReload(): void {
    const again = this.#reload?.again ?? false;
    this.#reload = undefined;
    if (again) setImmediate(() => this.reload());
  }

  // The rest

  #listen(channel: EventedChannel, request: Extract<ToMonitor, { type: 'listen' }>, generation: number): void {
    this.#options.listeners.request(request, generation).then(({ reply, fds }) => channel.send(reply, fds));
  }

  /** What the scoreboard says about the whole. */
  description(): Description {
    const zygote = this.#zygotes.newestLoaded;
    return {
      ...this.#options.about,
      pid: getpid(),
      generation: this.#oldest,
      target: this.#target,
      stopping: this.#stopping !== undefined,
      reload: this.#reloadResult,
      zygote: zygote ? { pid: zygote.pid, generation: zygote.generation } : null,
      listeners: this.#options.listeners.describe(),
      counters: { ...this.#counters },
    };
  }

  #finish(end: (status: number) => void): void {
    this.#end = undefined;
    this.#options.listeners.close();
    this.#options.report({ type: 'stopped', status: this.#status });
    end(this.#status);
  }
}

function who({ slot, generation, pid }: Worker) {
  return { slot, generation, ...(pid !== undefined && { pid }) };
}

function hasStoppedAccepting({ phase, record }: Worker): boolean {
  return phase === 'draining' && record.state === 'draining';
}
