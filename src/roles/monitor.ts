import { type ChannelListener, EventedChannel } from '../channel/evented.js';
import type { ToMonitor } from '../channel/messages.js';
import { backOff } from '../policy/back-off.js';
import {
  type Action,
  BOOT_DEATHS,
  decide,
  earlyDeaths,
  type Facts,
  type Limits,
  pauseAfter,
  RELOAD_DEATHS,
} from '../policy/supervision.js';
import { reached, type UseLimits, withJitter } from '../policy/worker-limits.js';
import { type ChildStatus, close, fork, getpid, kill } from '../posix/index.js';
import { type Description, monotonicNow, type Scoreboard } from '../scoreboard/index.js';
import type { AppOptions } from './app-process.js';
import { Worker, Zygote } from './crew.js';
import type { MonitorEvent } from './events.js';
import { becomeZygote } from './launch.js';
import type { Listeners } from './listeners.js';
import { describeEnd, Reaper } from './reaper.js';

/** Exit statuses; the anchors of the README's table. */
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
  readonly #workers = new Set<Worker>();
  readonly #zygotes = new Set<Zygote>();
  readonly #reaper = new Reaper();
  readonly #useLimits = new WeakMap<Worker, UseLimits>();
  readonly #counters = { forked: 0, died: 0, killed: 0, reloads: 0 };
  /** By slot. */
  readonly #early: number[] = [];
  readonly #forkNotBefore: number[] = [];
  #target: number;
  #generation = 0;
  #oldest = 1;
  #loadFailures = 0;
  #loadNotBefore = 0;
  #hasServed = false;
  #reload: { generation: number; deaths: number; before: number; again: boolean } | undefined;
  #reloadResult: Description['reload'] = { state: 'none', generation: 0 };
  #stopping: { quick: boolean; since: number } | undefined;
  #status = 0;
  #shutListeners = false;
  /** Heartbeats before that say nothing: the machine may have stood still. */
  #heartbeatsFrom = 0;
  #lastTick = monotonicNow();
  #timer: NodeJS.Timeout | undefined;
  #acting = false;
  #finished = false;
  #memoryTurn = 0;
  #end: (status: number) => void = () => {};

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#target = options.workers;
  }

  /** Runs until it is stopped or gives up. @returns the exit status */
  run(): Promise<number> {
    const onChild = () => this.#reap();
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
    const generation = this.#generation + 1;
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
      for (const worker of this.#workers) if (worker.phase === 'draining') this.#signal(worker, 'SIGINT');
    }
    this.#act();
  }

  #act(): void {
    // What is done here reports, and may be answered by a call.
    if (this.#acting || this.#finished) return;
    this.#acting = true;
    const now = monotonicNow();
    this.#tick(now);
    const actions = decide(this.#facts(), now);
    for (const action of actions) this.#do(action, now);
    this.#options.scoreboard.describe(this.description());
    this.#acting = false;
    clearTimeout(this.#timer);
    if (actions.some(({ type }) => type === 'stopped')) this.#finish();
    else this.#timer = setTimeout(() => this.#act(), this.#isCalm() ? CALM_TICK : BUSY_TICK);
  }

  #tick(now: number): void {
    if (now - this.#lastTick > STOOD_STILL) this.#heartbeatsFrom = now;
    this.#lastTick = now;
    this.#expire(now);
    if (this.#stopping && !this.#shutListeners && [...this.#workers].every(hasStoppedAccepting)) {
      this.#shutListeners = true;
      this.#options.listeners.shutdown();
    }
    const [oldestWorker = this.#oldest] = [...this.#workers].map(({ generation }) => generation).sort((a, b) => a - b);
    if (!this.#reload && this.#hasServed) this.#options.listeners.prune(Math.min(oldestWorker, this.#oldest));
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
      workers: [...this.#workers].map(({ record, slot, generation, phase, since, expired, killed, readyAt = 0 }) => ({
        record: record.index,
        slot,
        generation,
        phase,
        since,
        expired,
        killed,
        heartbeat: Math.max(record.heartbeat, readyAt, this.#heartbeatsFrom),
      })),
      zygotes: [...this.#zygotes],
      forkNotBefore: this.#forkNotBefore,
      loadNotBefore: this.#loadNotBefore,
      oldest: this.#oldest,
      reload: this.#reload?.generation,
      stopping: this.#stopping,
    };
  }

  #do(action: Action, now: number): void {
    if (action.type === 'load') this.#load(now);
    else if (action.type === 'fork') this.#fork(action.slot, action.generation, now);
    else if (action.type === 'retire') this.#retire(this.#workerOf(action.record), action.quick, now);
    else if (action.type === 'kill') this.#kill(this.#workerOf(action.record), action.reason);
    else if (action.type === 'end zygote') this.#endZygote(action.generation, action.reason, now);
    else if (action.type === 'reloaded') this.#reloaded();
  }

  // The zygote

  #load(now: number): void {
    const { app, args, scoreboard } = this.#options;
    const zygote = new Zygote(++this.#generation, now);
    const [channel, theirs] = EventedChannel.open(this.#zygoteListener(zygote));
    zygote.channel = channel;
    try {
      const options = { ...app, monitor: getpid(), generation: zygote.generation };
      zygote.pid = fork({ keepSockets: [theirs] });
      if (zygote.pid === 0) becomeZygote({ options, channelFd: theirs, scoreboardFd: scoreboard.fd }, args);
      this.#zygotes.add(zygote);
    } catch (error) {
      channel.close();
      this.#loadFailed(zygote, [(error as Error).message], now);
    } finally {
      close(theirs);
    }
  }

  #zygoteListener(zygote: Zygote): ChannelListener {
    return {
      message: (message) => {
        this.#fromZygote(zygote, message);
        this.#act();
      },
      closed: () => {
        // What it was told to fork and did not: whoever it forked has a channel of its own.
        this.#act();
      },
    };
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
        this.#forkFailed(this.#workerOf(message.record), message.message);
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
    this.#zygotes.delete(zygote);
    zygote.channel.close();
    if (phase === 'ending' || this.#stopping) return;
    if (phase === 'loading') {
      this.#loadFailed(zygote, zygote.reasons.length > 0 ? zygote.reasons : [`it ended with ${how}`], now);
      return;
    }
    this.#options.report({ type: 'zygote died', how, generation, pid });
    if (this.#reload && this.#reload.generation <= generation) this.#abortReload(`its zygote ended with ${how}`);
  }

  #loadFailed(zygote: Zygote, reasons: readonly string[], now: number): void {
    const { generation, pid } = zygote;
    this.#options.report({ type: 'load failed', reasons, generation, pid });
    if (this.#reload) {
      this.#abortReload('the app failed to load');
      return;
    }
    this.#loadFailures++;
    this.#loadNotBefore = now + backOff(this.#loadFailures);
    const serves = [...this.#workers].some(({ phase }) => phase === 'ready');
    if (!this.#hasServed || (!serves && this.#loadFailures >= BOOT_DEATHS)) {
      this.stop('the app failed to load', { status: LOAD_FAILED });
    }
  }

  #endZygote(generation: number, reason: string | undefined, now: number): void {
    for (const zygote of this.#zygotes) {
      if (zygote.generation !== generation || zygote.phase === 'ending') continue;
      if (reason !== undefined) zygote.reasons = [reason];
      // One that is late dies of it as any other that fails to load.
      if (reason === undefined) zygote.enter('ending', now);
      kill(zygote.pid, 'SIGKILL');
    }
  }

  // Workers

  #fork(slot: number, generation: number, now: number): void {
    const zygote = [...this.#zygotes].find((each) => each.generation === generation);
    if (zygote === undefined) return;
    const worker = new Worker(slot, generation, this.#freeRecord(), now);
    const { record } = worker;
    Object.assign(record, { state: 'booting', slot, generation, heartbeat: now, startedAt: Date.now() });
    const [channel, theirs] = EventedChannel.open({
      message: (message) => {
        this.#fromWorker(worker, message);
        this.#act();
      },
      closed: () => this.#unheard(worker),
    });
    worker.channel = channel;
    this.#workers.add(worker);
    this.#counters.forked++;
    zygote.channel.give({ type: 'fork', slot, generation, record: record.index }, theirs);
  }

  #freeRecord() {
    const { scoreboard } = this.#options;
    const used = new Set([...this.#workers].map(({ record }) => record.index));
    let index = 0;
    while (used.has(index)) index++;
    const record = scoreboard.record(index);
    record.clear();
    return record;
  }

  #fromWorker(worker: Worker, message: ToMonitor): void {
    switch (message.type) {
      case 'listen':
        this.#listen(worker.channel, message, worker.generation);
        return;
      case 'hello': {
        worker.pid = message.pid;
        if (worker.phase === 'forking') worker.enter('booting', worker.since);
        const status = this.#reaper.claim(message.pid);
        if (status) this.#workerDied(worker, describeEnd(status));
        return;
      }
      case 'ready':
        this.#ready(worker);
        return;
      case 'warning':
        this.#options.report({ type: 'warning', message: message.message, ...who(worker) });
    }
  }

  #ready(worker: Worker): void {
    if (worker.phase !== 'booting') return; // It was told to leave meanwhile.
    const now = monotonicNow();
    this.#options.report({ type: 'worker ready', milliseconds: now - worker.since, ...who(worker) });
    worker.enter('ready', now);
    worker.readyAt = now;
    this.#useLimits.set(worker, withJitter(this.#options.use, this.#options.jitter, Math.random));
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
    this.#signal(worker, quick ? 'SIGINT' : 'SIGTERM');
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
    if (worker.pid !== undefined) this.#signal(worker, 'SIGKILL');
    else this.#endZygote(worker.generation, `worker ${worker.slot} was not heard of: ${reason}`, monotonicNow());
  }

  // A process id is not given to another process until it is reaped here.
  #signal({ pid }: Worker, signal: NodeJS.Signals): void {
    if (pid !== undefined) kill(pid, signal);
  }

  /** Nobody holds its channel any more. One that has said its name is reaped; another one never came to life. */
  #unheard(worker: Worker): void {
    if (worker.pid !== undefined || !this.#workers.has(worker)) return;
    const zygote = [...this.#zygotes].find(({ generation }) => generation === worker.generation);
    if (zygote?.phase === 'loaded') this.#workerDied(worker, 'not a word');
    else this.#forget(worker);
    this.#act();
  }

  #forkFailed(worker: Worker, message: string): void {
    this.#options.report({ type: 'warning', message: `the fork failed: ${message}`, ...who(worker) });
    this.#countDeath(worker);
    this.#forget(worker);
  }

  #reap(): void {
    this.#reaper.reap((status) => this.#ended(status));
    this.#act();
  }

  #ended(status: ChildStatus): boolean {
    const worker = [...this.#workers].find(({ pid }) => pid === status.pid);
    const zygote = [...this.#zygotes].find(({ pid }) => pid === status.pid);
    if (worker) this.#workerDied(worker, describeEnd(status));
    else if (zygote) this.#zygoteDied(zygote, describeEnd(status));
    return worker !== undefined || zygote !== undefined;
  }

  #workerDied(worker: Worker, how: string): void {
    const expected = worker.phase === 'draining' || worker.killed;
    this.#counters.died++;
    this.#options.report({ type: 'worker died', how, expected, ...who(worker) });
    if (worker.phase !== 'draining') this.#countDeath(worker);
    this.#forget(worker);
  }

  #countDeath({ slot, generation, readyAt, record }: Worker): void {
    const now = monotonicNow();
    const ready = readyAt !== undefined;
    const death = { ready, readyFor: ready ? now - readyAt : 0, served: record.accepted > 0 };
    const early = earlyDeaths(this.#early[slot] ?? 0, death);
    this.#early[slot] = early;
    this.#forkNotBefore[slot] = now + pauseAfter(early);
    if (ready || this.#stopping) return;
    if (this.#reload?.generation === generation) {
      if (++this.#reload.deaths >= RELOAD_DEATHS) this.#abortReload('its workers die before they are ready');
      return;
    }
    const serves = [...this.#workers].some(({ phase }) => phase === 'ready');
    if (!serves && early >= BOOT_DEATHS) {
      this.stop('workers die before they are ready, again and again', { status: BOOT_FAILED });
    }
  }

  #forget(worker: Worker): void {
    this.#workers.delete(worker);
    worker.channel.close();
    worker.record.clear();
  }

  #expire(now: number): void {
    const ready = [...this.#workers].filter(({ phase, expired }) => phase === 'ready' && !expired);
    const measured = ready[this.#memoryTurn++ % Math.max(1, ready.length)];
    for (const worker of ready) {
      const limits = this.#useLimits.get(worker);
      if (limits === undefined || worker.readyAt === undefined || worker.pid === undefined) continue;
      // One at a time: the kernel has to look at every page.
      const memory = limits.memory > 0 && worker === measured ? this.#options.memoryOf(worker.pid) : 0;
      const use = { requests: worker.record.requests, memory, lifetime: now - worker.readyAt };
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
    this.#endZygote(generation, undefined, now);
    for (const worker of this.#workers) {
      if (worker.generation !== generation || worker.phase === 'draining') continue;
      if (worker.phase === 'forking') this.#forget(worker);
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

  #workerOf(record: number): Worker {
    const worker = [...this.#workers].find((each) => each.record.index === record);
    if (worker === undefined) throw new Error(`no worker has record ${record}`);
    return worker;
  }

  /** What the scoreboard says about the whole. */
  description(): Description {
    const zygote = [...this.#zygotes].filter(({ phase }) => phase === 'loaded').at(-1);
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

  #finish(): void {
    this.#finished = true;
    this.#options.listeners.close();
    this.#options.report({ type: 'stopped', status: this.#status });
    this.#end(this.#status);
  }
}

function who({ slot, generation, pid }: Worker) {
  return { slot, generation, ...(pid !== undefined && { pid }) };
}

function hasStoppedAccepting({ phase, record }: Worker): boolean {
  return phase === 'draining' && record.state === 'draining';
}
