import { monotonicNow } from '../scoreboard/index.js';
import { retire } from './orders.js';
import type { State } from './state.js';

/** Begins the reload that was asked for, if none is under way; the policy then has a zygote load the app. */
export function beginReload(state: State): void {
  const generation = state.zygotes.nextGeneration;
  if (state.stopping || !state.reloads.begin(generation)) return;
  state.report({ type: 'reload begins', generation });
}

/** The reload cannot fail any more: the old workers leave, and the number of workers is that of the new settings. */
export function takeOver(state: State): void {
  state.reloads.takeOver();
  heedWorkers(state);
}

/** Has as many workers as the settings say, unless somebody has scaled the service since they last said so. */
export function heedWorkers(state: State): void {
  const change = state.inForce.heedWorkers(state.target);
  if (change === undefined) return;
  const { type, workers } = change;
  if (type === 'taken') {
    state.target = workers;
    state.report({ type: 'scaled', workers });
  } else {
    const message = `${state.target} workers stay wanted, as the service was scaled; the settings now say ${workers}`;
    state.report({ type: 'warning', message });
  }
}

/** Only the new generation takes clients. */
export function endReload(state: State): void {
  const generation = state.reloads.done();
  if (generation === undefined) return;
  state.counters.reloads++;
  state.turns.prune(generation);
  state.report({ type: 'reloaded', generation });
}

/** Ends what belongs to the new generation, if one is still to take over. */
export function abortReload(state: State, reason: string): void {
  const generation = state.reloads.fail(reason);
  if (generation === undefined) return;
  const now = monotonicNow();
  state.inForce.revert(generation);
  state.report({ type: 'reload failed', generation, reason });
  state.zygotes.end(generation, now);
  for (const worker of state.workers) {
    if (worker.generation !== generation || worker.phase === 'draining') continue;
    if (worker.phase === 'forking') worker.enter('draining', now);
    else retire(state, worker, 'its generation failed');
  }
}
