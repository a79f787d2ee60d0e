import { monotonicNow } from '../scoreboard/index.js';
import type { Worker } from './processes.js';
import { standstill } from './standstill.js';
import type { State } from './state.js';

/** Has a worker leave: at once, or when it has answered what is in flight. */
export function retire(state: State, worker: Worker, reason: string, quick = false): void {
  if (worker.pid === undefined) return;
  state.report({ type: 'worker leaves', reason, ...worker.who });
  worker.enter('draining', monotonicNow());
  tellToLeave(state, worker, quick);
}

/** Tells a worker to leave, or, when it drains already, that the service ends now. */
export function tellToLeave(state: State, worker: Worker, quick: boolean): void {
  if (quick) send(state, worker, 'SIGINT');
  else worker.channel.send({ type: 'leave', reason: state.stopping ? 'stopping' : 'replaced' });
}

export function kill(state: State, worker: Worker, reason: string): void {
  if (worker.killed) return;
  worker.killed = true;
  state.counters.killed++;
  state.report({ type: 'worker killed', reason: `${reason}${standstill(worker)}`, ...worker.who });
  send(state, worker, 'SIGKILL');
  // A zygote that does not fork is no good.
  if (worker.pid === undefined) state.zygotes.end(worker.generation, monotonicNow(), reason);
}

/** Sends a worker a signal, by its channel where it cannot be sent. */
export function send(state: State, worker: Worker, name: NodeJS.Signals): void {
  if (worker.signal(name) || state.warnedOfSignals) return;
  state.warnedOfSignals = true;
  const message = `cannot be sent ${name} (EPERM), since it has changed its user and the monitor has no CAP_KILL: it is told by its channel`;
  state.report({ type: 'warning', message, ...worker.who });
}
