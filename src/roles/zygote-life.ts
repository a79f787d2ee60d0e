import type { ToMonitor } from '../channel/messages.js';
import { monotonicNow } from '../scoreboard/index.js';
import type { Zygote } from './crew.js';
import type { Who } from './events.js';
import { abortReload } from './reload.js';
import { LOAD_FAILED, stop } from './shutdown.js';
import type { State } from './state.js';
import { forkFailed } from './worker-life.js';

/** A zygote's life: it is started, … */
export function load(state: State): void {
  const { zygotes } = state;
  const generation = zygotes.nextGeneration;
  try {
    zygotes.load(monotonicNow());
  } catch (error) {
    loadFailed(state, { generation }, [(error as Error).message]);
  }
}

/** … speaks, … */
export function fromZygote(state: State, zygote: Zygote, message: ToMonitor): void {
  switch (message.type) {
    case 'listen':
      state.options.listeners.answer(message, zygote);
      return;
    case 'closed':
      state.options.listeners.closed(zygote, message.sockets);
      return;
    case 'listens on descriptor':
      state.options.listeners.usesInherited(message.fd);
      return;
    case 'loaded':
      loaded(state, zygote);
      return;
    case 'refused':
      zygote.reasons = message.reasons;
      return;
    case 'fork failed':
      forkFailed(state, message.record, message.message);
      return;
    case 'warning':
      state.report({ type: 'warning', message: message.message, ...zygote.who });
  }
}

function loaded(state: State, zygote: Zygote): void {
  const now = monotonicNow();
  state.report({ type: 'loaded', ...zygote.who, milliseconds: now - zygote.since });
  zygote.enter('loaded', now);
  state.loads.loaded();
  state.reloads.loaded(zygote.generation);
}

/** … and dies. */
export function zygoteDied(state: State, zygote: Zygote, how: string): void {
  const { generation, phase, reasons } = zygote;
  state.zygotes.forget(zygote);
  state.options.listeners.gone(zygote);
  if (phase === 'ending' || state.stopping) return;
  if (phase === 'loading') {
    loadFailed(state, zygote.who, reasons.length > 0 ? reasons : [`it ended with ${how}`]);
    return;
  }
  state.report({ type: 'zygote died', how, ...zygote.who });
  const { running } = state.reloads;
  if (running !== undefined && running <= generation) abortReload(state, `its zygote ended with ${how}`);
}

function loadFailed(state: State, who: Who, reasons: readonly string[]): void {
  const { reloads, loads, hasServed, workers } = state;
  state.report({ type: 'load failed', reasons, ...who });
  if (reloads.running !== undefined && reloads.running === who.generation) {
    abortReload(state, 'the app failed to load');
  } else if (loads.failed({ hasServed, serves: workers.serve }, monotonicNow())) {
    stop(state, 'the app failed to load', { status: LOAD_FAILED });
  }
}
