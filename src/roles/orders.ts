import { monotonicNow } from '../scoreboard/index.js';
import type { Worker } from './crew.js';
import type { State } from './state.js';

/** Has a zygote fork a worker. */
export function fork({ zygotes, workers, counters, options }: State, slot: number, generation: number): void {
  const zygote = zygotes.withGeneration(generation);
  if (zygote === undefined) return;
  const [worker, channel] = workers.add(slot, generation, monotonicNow());
  counters.forked++;
  const closedSockets = options.listeners.forked(worker, zygote);
  zygote.channel.give({ type: 'fork', slot, generation, record: worker.record.index, closedSockets }, channel);
}

/** Tells a worker to leave: at once, or when it has answered what is in flight. */
export function retire(state: State, worker: Worker, reason: string, quick = false): void {
  if (worker.pid === undefined) return;
  state.report({ type: 'worker leaves', reason, ...worker.who });
  worker.enter('draining', monotonicNow());
  state.workers.signal(worker, quick ? 'SIGINT' : 'SIGTERM');
}

export function kill(state: State, worker: Worker, reason: string): void {
  if (worker.killed) return;
  worker.killed = true;
  state.counters.killed++;
  state.report({ type: 'worker killed', reason, ...worker.who });
  state.workers.signal(worker, 'SIGKILL');
  // A zygote that does not fork is no good.
  if (worker.pid === undefined) state.zygotes.end(worker.generation, monotonicNow(), reason);
}
