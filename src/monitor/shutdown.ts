import { monotonicNow } from '../scoreboard/index.js';
import { kill, tellToLeave } from './orders.js';
import { requestStop } from './policy/stopping.js';
import type { State } from './state.js';

/** Exit statuses. */
export const BOOT_FAILED = 3;
export const LOAD_FAILED = 4;

/** Ends the service; a second time it is made quicker. @param status the exit status */
export function stop(state: State, reason: string, { quick = false, status = 0 } = {}): void {
  const { workers, options } = state;
  const { stopping, step } = requestStop(state.stopping, { quick, status }, monotonicNow());
  state.stopping = stopping;
  if (step === 'begin') {
    state.report({ type: 'stopping', reason });
    options.scoreboard.stopping = true;
  }
  // The others are told when the policy has them leave.
  const draining = [...workers].filter(({ phase }) => phase === 'draining');
  if (step === 'begin' || step === 'hurry') for (const worker of draining) tellToLeave(state, worker, quick);
  if (step === 'kill') {
    for (const worker of workers) kill(state, worker, 'it was to end at once');
  }
}

/** No process of the service takes clients any more: those that come are told. */
export function refuse(state: State): void {
  state.refusing = true;
  state.options.listeners.shutdown();
}
