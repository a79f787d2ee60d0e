import type { ToMonitor } from '../channel/messages.js';
import { isChild, type Sender } from '../posix/index.js';
import { monotonicNow } from '../scoreboard/index.js';
import { kill, send, tellToLeave } from './orders.js';
import { EARLY_ENDS, isHopeless } from './policy/crash-loop.js';
import { withJitter } from './policy/worker-limits.js';
import type { Worker } from './processes.js';
import { describeEnd } from './reaper.js';
import { abortReload } from './reload.js';
import { BOOT_FAILED, stop } from './shutdown.js';
import { isSystemError, type State } from './state.js';

/** A worker's life: a zygote is told to fork it, … */
export function fork(state: State, slot: number, generation: number): void {
  const { zygotes, workers, counters, options } = state;
  const zygote = zygotes.withGeneration(generation);
  if (zygote === undefined) return;
  let worker: Worker | undefined;
  try {
    const [added, fds] = workers.add(slot, generation, monotonicNow());
    worker = added;
    counters.forked++;
    const closedSockets = options.listeners.forked(worker, zygote);
    zygote.channel.give({ type: 'fork', slot, generation, record: worker.record.index, closedSockets }, fds);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (worker) workers.forget(worker);
    countFailure(state, { slot, generation }, error.message);
  }
}

/** … it speaks, … */
export function fromWorker(state: State, worker: Worker, message: ToMonitor, sender: Sender): void {
  switch (message.type) {
    case 'listen':
      listen(state, worker, message, sender);
      return;
    case 'closed':
      state.options.listeners.closed(worker, message.sockets);
      return;
    case 'listens on descriptor':
      state.options.listeners.usesInherited(message.fd);
      return;
    case 'hello':
      heard(state, worker, sender.pid);
      return;
    case 'ready':
      ready(state, worker);
      return;
    case 'cannot listen':
      worker.reasons = message.reasons;
      return;
    case 'refused':
      refused(state, worker, message.reasons);
      return;
    case 'once':
      worker.channel.send({ type: 'turn', ...state.turns.ask(worker, message.name) });
      return;
    case 'once ended':
      state.turns.ended(worker, message.name, message.error, monotonicNow());
      return;
    case 'warning':
      state.warnOf(worker, message.message, monotonicNow());
      return;
    default:
      kill(state, worker, `it sent '${message.type}', which a worker has no reason to`);
  }
}

function listen(state: State, worker: Worker, request: Extract<ToMonitor, { type: 'listen' }>, sender: Sender): void {
  const violation = state.options.listeners.answer(request, worker, sender);
  if (violation !== undefined) kill(state, worker, `it ${violation}`);
}

/** @param pid of the process that has sent the first message, by the kernel's word */
function heard(state: State, worker: Worker, pid: number): void {
  if (worker.pid !== undefined) {
    kill(state, worker, "it sent 'hello' a second time");
    return;
  }
  const isOther = state.workers.withPid(pid) !== undefined || state.zygotes.withPid(pid) !== undefined;
  const status = isOther ? undefined : state.reaper.claim(pid);
  if (isOther || (status === undefined && !isOwnChild(pid))) {
    worker.channel.close(); // The process that was forked ends by that.
    kill(state, worker, `its first message is that of process ${pid}, which is not the process that was forked`);
    return;
  }
  worker.pid = pid;
  state.slots.forked(worker.slot);
  if (status) workerDied(state, worker, describeEnd(status));
  else if (worker.phase === 'forking' && !worker.killed) worker.enter('booting', worker.since);
  else if (worker.killed) send(state, worker, 'SIGKILL');
  else tellToLeave(state, worker, false); // Its generation has failed meanwhile, and it may have taken clients already.
}

function isOwnChild(pid: number): boolean {
  try {
    return isChild(pid);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return false; // Who is not known is not believed.
  }
}

function ready(state: State, worker: Worker): void {
  if (worker.readyAt !== undefined) kill(state, worker, "it sent 'ready' a second time");
  if (worker.phase !== 'booting') return; // It was told to leave meanwhile.
  const now = monotonicNow();
  state.report({ type: 'worker ready', milliseconds: now - worker.since, ...worker.who });
  worker.enter('ready', now);
  worker.readyAt = now;
  worker.limits = withJitter(state.use, state.settings.jitter, Math.random);
}

function refused(state: State, worker: Worker, reasons: readonly string[]): void {
  if (worker.phase !== 'booting') return; // It was told to leave meanwhile.
  worker.reasons = reasons;
  state.warnOf(worker, reasons.join('\n  '), monotonicNow());
}

/**
 * … falls silent: no process holds its channel any more, or the channel is of no use for the given reason. One that
 * has told its process id is reaped; …
 */
export function unheard(state: State, worker: Worker, reason: string | undefined): void {
  const { workers, zygotes, options } = state;
  options.listeners.gone(worker);
  if (!workers.has(worker)) return;
  if (worker.pid !== undefined) {
    if (reason !== undefined) kill(state, worker, reason);
    else worker.unheardSince = monotonicNow();
    return;
  }
  // Another one never came to life, or ends when it finds its channel closed.
  const isForked = zygotes.withGeneration(worker.generation)?.phase === 'loaded';
  if (isForked || worker.killed) workerDied(state, worker, reason ?? 'not a word');
  else workers.forget(worker);
}

/** How long, in milliseconds, a worker may take to end whose channel has. */
const UNHEARD_MS = 3000;

/** … or lives on without its channel, by which it would be told to leave; … */
export function endUnheard(state: State, now: number): void {
  for (const worker of state.workers) {
    if (worker.unheardSince === undefined || now - worker.unheardSince < UNHEARD_MS) continue;
    kill(state, worker, 'it has closed its channel, and lives on');
  }
}

/** … is not even forked; … */
export function forkFailed(state: State, record: number, message: string): void {
  const worker = state.workers.withRecord(record);
  if (worker === undefined || worker.pid !== undefined) return;
  state.workers.forget(worker);
  const failures = countFailure(state, worker, message);
  // Perhaps it is this zygote that cannot. While workers serve, it may be left to its attempts.
  const zygote = state.zygotes.withGeneration(worker.generation);
  if (zygote === undefined || failures < EARLY_ENDS || state.workers.serve || state.stopping) return;
  const reason = `it could not fork ${failures} times in a row`;
  state.report({ type: 'warning', message: `is killed: ${reason}`, ...zygote.who });
  state.zygotes.end(zygote.generation, monotonicNow(), reason);
}

/** @returns how many times in a row no worker could be forked into the slot */
function countFailure(state: State, { slot, generation }: Pick<Worker, 'slot' | 'generation'>, why: string): number {
  const { slots, reloads, workers, hasServed } = state;
  state.failed('fork', why);
  const failures = slots.forkFailed(slot, monotonicNow());
  if (failures < EARLY_ENDS || state.stopping) return failures;
  if (reloads.running === generation) abortReload(state, `its workers cannot be forked: ${why}`);
  else if (!hasServed && !workers.serve) stop(state, `no worker can be forked: ${why}`, { status: BOOT_FAILED });
  return failures;
}

/** … or dies. */
export function workerDied(state: State, worker: Worker, how: string): void {
  // While the service stops all are to leave, also one that has got the signal of the group before it was told.
  const expected = worker.phase === 'draining' || worker.killed || state.stopping !== undefined;
  state.counters.died++;
  state.report({ type: 'worker died', how, expected, ...worker.who });
  const served = worker.report.accepted > 0;
  state.turns.gone(worker);
  state.workers.forget(worker); // First: what its death leads to may signal all the others.
  if (!expected) countCrash(state);
  if (worker.phase !== 'draining') countDeath(state, worker, served);
}

function countCrash(state: State): void {
  const { maxCrashes } = state.settings;
  if (!state.crashes.died(maxCrashes, monotonicNow())) return;
  const message = `more workers died within a minute than the ${maxCrashes} of --max-crashes: none is forked for a while`;
  state.report({ type: 'warning', message });
}

function countDeath(state: State, { slot, generation, readyAt, reasons }: Worker, served: boolean): void {
  const { slots, reloads, workers, hasServed } = state;
  const now = monotonicNow();
  const wasReady = readyAt !== undefined;
  const early = slots.died(slot, { ready: wasReady, readyFor: wasReady ? now - readyAt : 0, served }, now);
  if (wasReady || state.stopping) return;
  const why = reasons.length > 0 ? `: ${reasons.join('; ')}` : '';
  if (reloads.running === generation) {
    if (reloads.bootDeath()) abortReload(state, `its workers die before they are ready${why}`);
  } else if (isHopeless(early, { hasServed, serves: workers.serve }, now)) {
    stop(state, `workers die before they are ready, again and again${why}`, { status: BOOT_FAILED });
  }
}
