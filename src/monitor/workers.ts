import { EventedChannel } from '../channel/evented.js';
import { MAX_MESSAGE_BYTES } from '../channel/framing.js';
import type { ToMonitor } from '../channel/messages.js';
import { discard } from '../posix/file.js';
import type { ChildStatus, Sender } from '../posix/index.js';
import { socketInodeAt } from '../proc/descriptor-links.js';
import { createReport, monotonicNow, type WorkerRecord } from '../scoreboard/index.js';
import { CrashHistory, CrashRate, isCrashLoop, MAX_BOOT_FAILURES } from '../util/crash-history.js';
import { withHint } from '../util/hint.js';
import { findNewborn, isToBeSought } from './newborn.js';
import type { StopStep } from './policy/stopping.js';
import type { Facts } from './policy/supervision.js';
import { Turns } from './policy/turns.js';
import { ManagedProcesses, Worker } from './processes.js';
import { describeEnd } from './reaper.js';
import { BOOT_FAILED, isSystemError, type Service } from './service.js';
import type { Zygotes } from './zygotes.js';

/** How long, in milliseconds, a worker may take to end whose channel is closed: it can be told nothing by it. */
const CHANNEL_CLOSED_TIMEOUT_MS = 3000;

export interface WorkersOptions {
  readonly service: Service;
  readonly zygotes: Zygotes;
  readonly onMessage: (worker: Worker, message: ToMonitor, sender: Sender) => void;
}

/** The processes that serve, each with its slot, its record on the scoreboard and its channel: from fork to death. */
export class Workers extends ManagedProcesses<Worker> {
  /** Which worker runs what one of a generation runs for all. */
  readonly turns = new Turns<Worker>();
  readonly counters = { forked: 0, died: 0, killed: 0 };
  readonly #zygotes: Zygotes;
  readonly #history = new CrashHistory();
  readonly #crashRate = new CrashRate();
  readonly #onMessage: WorkersOptions['onMessage'];
  #serial = 0;
  #requestsOfEnded = 0;
  /** That signals do not reach every worker has been said. */
  #hasWarnedOfSignals = false;

  constructor({ service, zygotes, onMessage }: WorkersOptions) {
    super(service);
    this.#zygotes = zygotes;
    this.#onMessage = onMessage;
  }

  get hasReadyWorker(): boolean {
    return [...this.all].some(({ phase }) => phase === 'ready');
  }

  /** How many requests there have been so far, those to workers that have ended included. */
  get requests(): number {
    return [...this.all].reduce((sum, { record }) => sum + record.requests, this.#requestsOfEnded);
  }

  withRecord(index: number): Worker | undefined {
    return [...this.all].find(({ record }) => record.index === index);
  }

  /** @param heartbeatsFrom heartbeats before that say nothing */
  facts(heartbeatsFrom: number): Pick<Facts, 'workers' | 'forkNotBefore' | 'crashNotBefore'> {
    const now = monotonicNow();
    return {
      workers: [...this.all].map((worker) => worker.facts(heartbeatsFrom, now)),
      forkNotBefore: this.#history.notBefore,
      crashNotBefore: this.#crashRate.notBefore(this.service.settings.maxCrashes),
    };
  }

  /** Brings the scoreboard up to date with what the workers report. @returns whether any of them does something */
  readReports(now: number): boolean {
    let isActive = false;
    for (const worker of this.all) if (worker.readReport(now)) isActive = true;
    return isActive;
  }

  /** Has the zygote of a generation fork a worker into a slot. */
  fork(slot: number, generation: number): void {
    const zygote = this.#zygotes.withGeneration(generation);
    if (zygote === undefined) return;
    let worker: Worker | undefined;
    try {
      const [added, fds] = this.#add(slot, generation, monotonicNow());
      worker = added;
      this.counters.forked++;
      const closedSockets = this.service.options.listeners.forked(worker, zygote);
      zygote.channel.give({ type: 'fork', slot, generation, record: worker.record.index, closedSockets }, fds);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (worker) this.#forget(worker);
      this.#countForkFailure(slot, generation, error.message);
    }
  }

  /**
   * A worker that is yet to be forked, and the descriptors that it is to have: its end of its channel, and the memory of
   * its report. There must be a free record.
   * @throws EMFILE, ENFILE, … when there is no channel or no memory for it; there is no worker then
   */
  #add(slot: number, generation: number, now: number): [Worker, number[]] {
    const record = this.#freeRecord();
    const worker = new Worker(this.#serial++, slot, generation, record, now);
    const { fd, record: report } = createReport(record.index);
    worker.report = report;
    const [channel, theirs] = this.#openChannel(worker, fd);
    worker.channel = channel;
    worker.channelInode = socketInodeAt(process.pid, theirs);
    record.clear();
    Object.assign(report, { state: 'booting', heartbeat: now });
    Object.assign(record, { state: 'booting', slot, generation, heartbeat: now, startedAt: Date.now() });
    this.all.add(worker);
    return [worker, [theirs, fd]];
  }

  #freeRecord(): WorkerRecord {
    const used = new Set([...this.all].map(({ record }) => record.index));
    let index = 0;
    while (used.has(index)) index++;
    return this.service.options.scoreboard.record(index);
  }

  /** @param report a descriptor, which is closed when there is no channel */
  #openChannel(worker: Worker, report: number): [EventedChannel, number] {
    try {
      return EventedChannel.open(this.listenerFor(worker), MAX_MESSAGE_BYTES);
    } catch (error) {
      discard(report);
      throw error;
    }
  }

  protected onMessage(worker: Worker, message: ToMonitor, sender: Sender): void {
    this.#onMessage(worker, message, sender);
  }

  /** The zygote could not fork. */
  onForkFailed(record: number, message: string): void {
    const worker = this.withRecord(record);
    if (worker === undefined || worker.pid !== undefined) return;
    const { slot, generation } = worker;
    this.#forget(worker);
    const failures = this.#countForkFailure(slot, generation, message);
    // Perhaps it is this zygote that cannot. While workers serve, it may be left to its attempts.
    const zygote = this.#zygotes.withGeneration(generation);
    if (zygote === undefined || failures < MAX_BOOT_FAILURES || this.hasReadyWorker || this.service.stopping) return;
    this.#zygotes.kill(zygote, `it could not fork ${failures} times in a row`);
  }

  /** @returns how many times in a row no worker could be forked into the slot */
  #countForkFailure(slot: number, generation: number, why: string): number {
    const { reloads, hasServed, stopping } = this.service;
    this.service.failed('fork', why);
    const failures = this.#history.forkFailed(slot, monotonicNow());
    if (failures < MAX_BOOT_FAILURES || stopping) return failures;
    if (reloads.running === generation) reloads.fail(`its workers cannot be forked: ${withHint(why)}`);
    else if (!hasServed && !this.hasReadyWorker) {
      this.service.giveUp(`no worker can be forked: ${withHint(why)}`, BOOT_FAILED);
    }
    return failures;
  }

  /** A worker is there, and has this process id. @param status how it has ended already, if it has */
  onHello(worker: Worker, pid: number, status: ChildStatus | undefined): void {
    worker.pid = pid;
    this.#history.forked(worker.slot);
    if (status) this.onDeath(worker, describeEnd(status));
    else if (worker.phase === 'forking' && !worker.killed) worker.enter('booting', worker.since);
    else if (worker.killed) this.#signal(worker, 'SIGKILL');
    else this.#tellToLeave(worker, false); // Its generation has failed meanwhile, and it may have taken clients already.
  }

  /** Has a worker leave: at once, or when it has answered what is in flight. */
  retire(worker: Worker, reason: string, quick = false): void {
    if (worker.pid === undefined) return;
    this.service.report({ type: 'worker leaves', reason, ...worker.ref });
    worker.enter('draining', monotonicNow());
    this.#tellToLeave(worker, quick);
  }

  /** Has the workers of a generation leave that has failed, also those that are yet to be forked. */
  retireGeneration(generation: number): void {
    for (const worker of this.all) {
      if (worker.generation !== generation || worker.phase === 'draining') continue;
      if (worker.phase === 'forking') worker.enter('draining', monotonicNow());
      else this.retire(worker, 'its generation failed');
    }
  }

  /** The service ends. Workers that do not drain yet are told when the policy has them leave. */
  onStop(step: StopStep, quick: boolean): void {
    for (const worker of this.all) {
      if (step === 'kill') this.kill(worker, 'it was to end at once');
      else if (step !== 'nothing' && worker.phase === 'draining') this.#tellToLeave(worker, quick);
    }
  }

  /** Tells a worker to leave, or, when it drains already, that the service ends now. */
  #tellToLeave(worker: Worker, quick: boolean): void {
    if (quick) this.#signal(worker, 'SIGINT');
    else worker.channel.send({ type: 'leave', reason: this.service.stopping ? 'stopping' : 'replaced' });
  }

  kill(worker: Worker, reason: string): void {
    if (worker.killed) return;
    worker.killed = true;
    this.counters.killed++;
    this.service.report({ type: 'worker killed', reason: `${reason}${worker.obstacle}`, ...worker.ref });
    this.#signal(worker, 'SIGKILL');
    // A zygote that does not fork is no good.
    if (worker.pid === undefined) this.#zygotes.end(worker.generation, monotonicNow(), reason);
  }

  /** Sends a worker a signal, by its channel where it cannot be sent. */
  #signal(worker: Worker, name: NodeJS.Signals): void {
    if (worker.signal(name) || this.#hasWarnedOfSignals) return;
    this.#hasWarnedOfSignals = true;
    const message = `cannot be sent ${name} (EPERM), since it has changed its user and the monitor has no CAP_KILL: it is told by its channel`;
    this.service.warn(message, worker.ref);
  }

  /** One that has told its process id is reaped when it dies; it may also live on without its channel. */
  protected onChannelClosed(worker: Worker, reason: string | undefined): void {
    this.service.options.listeners.gone(worker);
    if (!this.all.has(worker)) return;
    if (worker.pid !== undefined) {
      if (reason !== undefined) this.kill(worker, reason);
      else worker.channelClosedAt = monotonicNow();
      return;
    }
    // Another one never came to life, or ends when it finds its channel closed.
    const isForked = this.#zygotes.withGeneration(worker.generation)?.phase === 'loaded';
    if (isForked || worker.killed) this.onDeath(worker, reason ?? 'not a word');
    else this.#forget(worker);
  }

  /** Kills workers that live on without their channels, and those that never came so far as to be known. */
  poll(now: number): void {
    for (const worker of this.all) {
      if (isToBeSought(worker, now)) this.#killNewborn(worker, now);
      if (now - (worker.channelClosedAt ?? now) < CHANNEL_CLOSED_TIMEOUT_MS) continue;
      this.kill(worker, 'it has closed its channel, and lives on');
    }
  }

  /** One whose birth stands still would outlive the service, and keep the ports. */
  #killNewborn(worker: Worker, now: number): void {
    worker.soughtAt = now;
    const isKnown = (pid: number) => (this.withPid(pid) ?? this.#zygotes.withPid(pid)) !== undefined;
    worker.pid = findNewborn(worker.channelInode, isKnown);
    this.#signal(worker, 'SIGKILL');
  }

  /** A worker has died, and is reaped if it has told its process id. @param how 'exit status 1', 'SIGKILL' */
  onDeath(worker: Worker, how: string): void {
    const { phase, killed, slot, generation, readyAt, reasons } = worker;
    // While the service stops all are to leave, also one that has got the signal of the group before it was told.
    const expected = phase === 'draining' || killed || this.service.stopping !== undefined;
    this.counters.died++;
    this.service.report({ type: 'worker died', how, expected, ...worker.ref });
    const served = worker.report.accepted > 0;
    this.turns.gone(worker);
    this.#forget(worker); // First: what its death leads to may signal all the others.
    if (!expected) this.#countCrash();
    if (phase === 'draining') return;

    const now = monotonicNow();
    const failures = this.#history.died(slot, { uptimeMs: readyAt === undefined ? 0 : now - readyAt, served }, now);
    if (readyAt !== undefined || this.service.stopping) return;
    const { reloads } = this.service;
    const why = reasons.length > 0 ? `: ${reasons.join('; ')}` : '';
    if (reloads.running === generation) reloads.bootDeath(why);
    else if (isCrashLoop(failures, this.service.health(this.hasReadyWorker), now)) {
      this.service.giveUp(`workers die before they are ready, again and again${why}`, BOOT_FAILED);
    }
  }

  #countCrash(): void {
    const { maxCrashes } = this.service.settings;
    if (!this.#crashRate.died(maxCrashes, monotonicNow())) return;
    this.service.warn(
      `more workers died within a minute than the ${maxCrashes} of --max-crashes: none is forked for a while`,
    );
  }

  /** At the end of the service: those that are still there are left behind. */
  forgetAll(): void {
    for (const worker of this.all) this.#forget(worker);
  }

  /** It has ended, or never came to life. */
  #forget(worker: Worker): void {
    this.all.delete(worker);
    worker.readReport(monotonicNow()); // What it said last.
    this.#requestsOfEnded += worker.record.requests;
    worker.channel.close();
    worker.record.clear();
  }
}
