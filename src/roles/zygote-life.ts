import type { ToMonitor } from '../channel/messages.js';
import type { HeldConnect } from '../policy/holds.js';
import { monotonicNow } from '../scoreboard/index.js';
import type { Zygote } from './crew.js';
import type { Who } from './events.js';
import { abortReload } from './reload.js';
import { LOAD_FAILED, stop } from './shutdown.js';
import type { State } from './state.js';
import { forkFailed } from './worker-life.js';

/** A zygote's life: it is started, … @param generation one that has to be loaded once more, or the next */
export function load(state: State, generation = state.zygotes.nextGeneration): void {
  const { zygotes, holds } = state;
  try {
    zygotes.load(generation, holds.plan(generation), monotonicNow());
  } catch (error) {
    loadFailed(state, { generation }, [(error as Error).message]);
  }
}

/** … speaks, … */
export function fromZygote(state: State, zygote: Zygote, message: ToMonitor): void {
  switch (message.type) {
    case 'listen':
      state.options.listeners.answer(message, zygote.generation, zygote.channel);
      return;
    case 'loaded':
      loaded(state, zygote, message.held);
      return;
    case 'refused':
      zygote.reasons = message.reasons;
      return;
    case 'hold': {
      const { type: _, ...request } = message;
      zygote.holdRequest = request;
      return;
    }
    case 'fork failed':
      forkFailed(state, message.record, message.message);
      return;
    case 'warning':
      state.report({ type: 'warning', message: message.message, ...zygote.who });
  }
}

function loaded(state: State, zygote: Zygote, held: readonly HeldConnect[]): void {
  const now = monotonicNow();
  state.report({ type: 'loaded', ...zygote.who, milliseconds: now - zygote.since, held });
  zygote.enter('loaded', now);
  state.loads.loaded();
  state.holds.loaded(zygote.generation);
  state.reloads.loaded(zygote.generation);
}

/** … and dies. */
export function zygoteDied(state: State, zygote: Zygote, how: string): void {
  const { generation, phase, reasons, holdRequest } = zygote;
  state.zygotes.forget(zygote);
  if (phase === 'ending' || state.stopping) return;
  if (phase === 'loading' && holdRequest !== undefined && state.holds.ask(generation, holdRequest)) {
    state.report({ type: 'connects held', ...zygote.who, ...holdRequest });
    load(state, generation);
    return;
  }
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
