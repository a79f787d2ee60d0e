import type { ToMonitor } from '../channel/messages.js';
import type { Sender } from '../posix/index.js';
import { memoryOf } from '../proc/usage.js';
import { monotonicNow } from '../scoreboard/index.js';
import { toldSettings } from '../settings/index.js';
import type { Who } from './events.js';
import type { Zygote } from './processes.js';
import { abortReload, heedWorkers } from './reload.js';
import { LOAD_FAILED, stop } from './shutdown.js';
import type { State } from './state.js';
import { forkFailed } from './worker-life.js';

/** A zygote's life: it is started, … @param generation one that has to be loaded once more, or the next */
export function load(state: State, generation = state.zygotes.nextGeneration): void {
  const { zygotes, holds } = state;
  try {
    zygotes.load(generation, holds.plan(generation), monotonicNow());
  } catch (error) {
    notStarted(state, generation, (error as Error).message);
    return;
  }
  state.works('zygote');
}

/** … or not, for want of something that says nothing about the app, … */
function notStarted(state: State, generation: number, why: string): void {
  const { reloads, loads, hasServed } = state;
  const isReload = reloads.running === generation;
  const isTheEnd = loads.notStarted({ hasServed }, monotonicNow());
  if (isReload || isTheEnd)
    state.report({ type: 'load failed', reasons: [`cannot start a zygote: ${why}`], generation });
  if (isReload) abortReload(state, `no zygote can be started: ${why}`);
  else if (isTheEnd) stop(state, 'the app failed to load', { status: LOAD_FAILED });
  else state.failed('zygote', why);
}

type LoadedMessage = Extract<ToMonitor, { type: 'loaded' }>;

/** … speaks, … */
export function fromZygote(state: State, zygote: Zygote, message: ToMonitor, sender: Sender): void {
  switch (message.type) {
    case 'listen': {
      const violation = state.options.listeners.answer(message, zygote, sender);
      if (violation !== undefined) unheard(state, zygote, `it ${violation}`);
      return;
    }
    case 'closed':
      state.options.listeners.closed(zygote, message.sockets);
      return;
    case 'listens on descriptor':
      state.options.listeners.usesInherited(message.fd);
      return;
    case 'loaded':
      loaded(state, zygote, message);
      return;
    case 'settings':
      takeSettings(state, zygote, message.settings);
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
    case 'cannot listen':
      return; // If that keeps it from being loaded, it says so with its refusal.
    case 'warning':
      state.warnOf(zygote, message.message, monotonicNow());
      return;
    default:
      unheard(state, zygote, `it sent '${message.type}', which a zygote has no reason to`);
  }
}

/** They are read before any code of the app's runs, but for the first generation, which has those of the start. */
function takeSettings(state: State, zygote: Zygote, said: object): void {
  const isDue = zygote.generation > 1 && zygote.settings === undefined;
  const settings = isDue ? toldSettings(said, state.options.origin.settings) : undefined;
  if (settings === undefined) {
    unheard(state, zygote, isDue ? 'it sent settings that cannot be' : "it sent 'settings', which it had no reason to");
    return;
  }
  zygote.settings = settings;
  // Its time begins when its program does. One that is told to end meanwhile is not to load again.
  if (zygote.phase === 'loading') zygote.enter('loading', monotonicNow());
}

function loaded(state: State, zygote: Zygote, { file, held }: LoadedMessage): void {
  if (zygote.phase !== 'loading') return; // It is being ended meanwhile.
  const now = monotonicNow();
  const sharedBytes = measure(state, zygote);
  state.report({
    type: 'loaded',
    ...zygote.who,
    milliseconds: now - zygote.since,
    sharedBytes,
    held,
    ...(file !== undefined && { file }),
  });
  zygote.enter('loaded', now);
  zygote.hasLoaded = true;
  state.loads.loaded();
  state.holds.loaded(zygote.generation);
  state.reloads.loaded(zygote.generation);
  if (zygote.settings !== undefined) state.inForce.adopt(zygote.generation, zygote.settings);
  if (state.reloads.running === undefined) heedWorkers(state);
  state.renewals.reset(); // It may be another app, which needs less.
}

/** @returns what it holds for itself, in bytes; 0 where that cannot be seen */
function measure(state: State, { pid }: Zygote): number {
  let bytes = 0;
  if (pid !== undefined)
    state.attempt('memory', () => {
      bytes = memoryOf(pid).private;
    });
  return bytes;
}

/** … falls silent: no process holds its channel any more, or the channel is of no use for the given reason, … */
export function unheard(state: State, zygote: Zygote, reason: string | undefined): void {
  const { phase, generation } = zygote;
  if (!state.zygotes.has(zygote) || phase === 'ending' || phase === 'failed') return;
  if (reason === undefined) {
    zygote.signal('SIGKILL'); // It has ended, or has closed its channel and is of no use.
    return;
  }
  state.report({ type: 'warning', message: `is killed: ${reason}`, ...zygote.who });
  state.zygotes.end(generation, monotonicNow(), reason);
}

/** … and dies. */
export function zygoteDied(state: State, zygote: Zygote, how: string): void {
  const { generation, phase, hasLoaded, reasons, holdRequest } = zygote;
  state.zygotes.forget(zygote);
  state.options.listeners.gone(zygote);
  if (phase === 'ending' || state.stopping) return;
  if (!hasLoaded && holdRequest !== undefined && state.holds.ask(generation, holdRequest)) {
    state.report({ type: 'connects held', ...zygote.who, ...holdRequest });
    load(state, generation);
    return;
  }
  if (!hasLoaded) {
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
    abortReload(state, `the app failed to load: ${reasons.join('; ').replace(/\s+/g, ' ')}`);
  } else if (loads.failed({ hasServed, hasReadyWorker: workers.hasReadyWorker }, monotonicNow())) {
    stop(state, 'the app failed to load', { status: LOAD_FAILED });
  }
}
