import type { ToMonitor } from '../channel/messages.js';
import { isHopeless } from '../policy/slot-history.js';
import { withJitter } from '../policy/worker-limits.js';
import { monotonicNow } from '../scoreboard/index.js';
import type { Worker } from './crew.js';
import { describeEnd } from './reaper.js';
import { abortReload } from './reload.js';
import { BOOT_FAILED, stop } from './shutdown.js';
import type { State } from './state.js';

/** A worker's life after it was ordered: it speaks, … */
export function fromWorker(state: State, worker: Worker, message: ToMonitor): void {
  switch (message.type) {
    case 'listen':
      state.options.listeners.answer(message, worker.generation, worker.channel);
      return;
    case 'hello':
      heard(state, worker, message.pid);
      return;
    case 'ready':
      ready(state, worker);
      return;
    case 'once':
      worker.channel.send({ type: 'turn', ...state.turns.ask(worker, message.name) });
      return;
    case 'once ended':
      state.turns.ended(worker, message.name, message.error, monotonicNow());
      return;
    case 'warning':
      state.report({ type: 'warning', message: message.message, ...worker.who });
  }
}

function heard(state: State, worker: Worker, pid: number): void {
  worker.pid = pid;
  const status = state.reaper.claim(pid);
  if (status) workerDied(state, worker, describeEnd(status));
  else if (worker.phase === 'forking' && !worker.killed) worker.enter('booting', worker.since);
  else state.workers.signal(worker, 'SIGKILL'); // Given up meanwhile.
}

function ready(state: State, worker: Worker): void {
  if (worker.phase !== 'booting') return; // It was told to leave meanwhile.
  const { options } = state;
  const now = monotonicNow();
  state.report({ type: 'worker ready', milliseconds: now - worker.since, ...worker.who });
  worker.enter('ready', now);
  worker.readyAt = now;
  worker.limits = withJitter(options.use, options.jitter, Math.random);
}

/** … falls silent: nobody holds its channel any more. One that has said its name is reaped; … */
export function unheard(state: State, worker: Worker): void {
  const { workers, zygotes } = state;
  if (worker.pid !== undefined || !workers.has(worker)) return;
  // Another one never came to life.
  const isForked = zygotes.withGeneration(worker.generation)?.phase === 'loaded';
  if (isForked || worker.killed) workerDied(state, worker, 'not a word');
  else workers.forget(worker);
}

/** … is not even forked; … */
export function forkFailed(state: State, record: number, message: string): void {
  const worker = state.workers.withRecord(record);
  if (worker === undefined) return;
  state.report({ type: 'warning', message: `the fork failed: ${message}`, ...worker.who });
  state.workers.forget(worker);
  countDeath(state, worker, false);
}

/** … or dies. */
export function workerDied(state: State, worker: Worker, how: string): void {
  const expected = worker.phase === 'draining' || worker.killed;
  state.counters.died++;
  state.report({ type: 'worker died', how, expected, ...worker.who });
  const served = worker.record.accepted > 0;
  state.turns.gone(worker);
  state.workers.forget(worker); // First: what its death leads to may signal all the others.
  if (worker.phase !== 'draining') countDeath(state, worker, served);
}

function countDeath(state: State, { slot, generation, readyAt }: Worker, served: boolean): void {
  const { slots, reloads, workers } = state;
  const now = monotonicNow();
  const wasReady = readyAt !== undefined;
  const early = slots.died(slot, { ready: wasReady, readyFor: wasReady ? now - readyAt : 0, served }, now);
  if (wasReady || state.stopping) return;
  if (reloads.running === generation) {
    if (reloads.bootDeath()) abortReload(state, 'its workers die before they are ready');
  } else if (isHopeless(early, workers.serve)) {
    stop(state, 'workers die before they are ready, again and again', { status: BOOT_FAILED });
  }
}
