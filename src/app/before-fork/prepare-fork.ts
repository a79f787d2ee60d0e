import type { Compaction } from '../../channel/messages.js';
import { HeldWait } from '../../fork-safety/held-wait.js';
import { waitUntilIdle } from '../../fork-safety/idle.js';
import { closeIdleConnections } from '../../fork-safety/idle-connections.js';
import { type Diagnostic, examine, openConnects, unsettled } from '../../fork-safety/index.js';
import { closeDebugger } from '../../node/debugger.js';
import { keepTickMap } from '../../node/garbage.js';
import { findMain, loadMainAfter } from '../../node/main-module.js';
import { Preload } from '../../node/preload.js';
import { findAllTimers, forgetDate, moveTimers, timersNow } from '../../node/timers.js';
import { pathInRealFolder } from '../../settings/paths.js';
import type { AppProcess } from '../app-process.js';
import { collectGarbage, compactFragmented, makeMemoryShareable } from '../garbage.js';
import { runBeforeFork } from '../hooks.js';
import type { Observed } from '../observed.js';
import { flushLoggers, settleTransports } from '../pino.js';
import { timerStart } from '../policy/timer-start.js';
import { runWarmUps } from '../warm-up/warm-up.js';
import { noteUsage } from '../worker/process-usage.js';
import { watchBlockedMain } from './blocked-main.js';
import { askToHold, refuse, watchFailure } from './give-up.js';
import { rehearseBirth } from './rehearsal.js';
import { stopServices } from './services.js';

export interface Preparation {
  /** Told what the fork will share, before the garbage is collected. */
  readonly found: (findings: readonly Diagnostic[]) => void;
  /** Goes on where the app has come to rest with something that refuses the fork; otherwise this process ends. */
  readonly despiteRefusals?: boolean;
}

/** A process that is ready for its forks. */
export interface Prepared {
  /** Undefined where the heap was not fragmented. */
  readonly compaction: Compaction | undefined;
  readonly preload: Preload;
  /** To be called in each fork, once. */
  readonly begin: () => void;
}

/**
 * Loads the app, and brings this process to where it may be forked: the app at rest, its hooks run, nothing kept back
 * that each fork would write once more, and memory as the forks are to share it.
 */
export async function prepareForFork(
  app: AppProcess,
  observed: Observed,
  { found, despiteRefusals = false }: Preparation,
): Promise<Prepared> {
  const { options, listening, connects, once } = app;
  const { recording, threads } = observed;
  const loaded = watchFailure(app, observed);
  const unblocked = watchBlockedMain(threads, (reason) => refuse(app, [reason]));
  app.file = findApp(app);
  await rehearseBirth(app);
  const preload = new Preload(options.preloadModules);
  if (options.preload) loadMainAfter(preload, options.app, app.file);

  const isLoaded = () => preload.isDone && (!options.preload || listening.waiting > 0);
  const held = new HeldWait({ connects, once, ...observed });
  await waitForIdleApp(app, observed, { isLoaded, held, blockers: () => [], despiteRefusals });
  await warmUp(app);
  const stuck = await runBeforeFork(timeLeft(app));
  if (stuck !== undefined) refuse(app, [stuck]);
  threads.prepare();
  closeIdleConnections();
  await stopServices();
  await settleTransports();
  closeDebugger();
  await keepTickMap();
  const blockers = () => {
    const refusing = refusals(app, observed);
    if (refusing.length > 0) threads.prepare(); // A connection may have become one that is kept for later.
    return refusing.map(inWords);
  };
  await waitForIdleApp(app, observed, { isLoaded, held, blockers, despiteRefusals });

  found([...examineNow(app, observed), ...unwrittenLines()]);
  collectGarbage();
  const compaction = compactFragmented();
  noteUsage();
  findAllTimers();
  forgetDate();
  makeMemoryShareable();
  loaded();
  const rest = timersNow();
  moveTimers((timer) => timerStart(timer, rest, rest), rest); // As in the forks, and changes nothing yet.
  const begin = () => {
    const now = timersNow();
    moveTimers((timer) => timerStart(timer, rest, now), now);
    recording.stop();
    unblocked();
  };
  return { compaction, preload, begin };
}

const UNWRITTEN = 'have the logger write in beforeFork (prefork/app) what it keeps';
/** Has loggers write what they keep for later. @returns what they could not */
function unwrittenLines(): Diagnostic[] {
  return flushLoggers().map((message) => ({ kind: 'logger', severity: 'warning', message, remedy: UNWRITTEN }));
}

/** What the fork would share just now, or have go on in every worker. */
export function examineNow({ channel, connects }: AppProcess, { recording, threads }: Observed): Diagnostic[] {
  return examine(recording, { ignore: [channel.fd], connects, threads });
}

/** Which file the app is: a path may lead to another one at the next reload. */
function findApp(process: AppProcess): string {
  const { app, appPath } = process.options;
  try {
    return findMain(app);
  } catch {
    const real = pathInRealFolder(app);
    return refuse(process, [`cannot find the app ${appPath}${real === appPath ? '' : `, which is ${real}`}`]);
  }
}

async function warmUp(app: AppProcess): Promise<void> {
  const { options, clients, listening, channel } = app;
  const warn = (message: string) => channel.send({ type: 'warning', message });
  const { warmUp: script } = options;
  try {
    await runWarmUps({ servers: listening.servers, clients, script, timeout: timeLeft(app), warn });
  } catch (error) {
    refuse(app, [(error as Error).message]);
  }
}

interface Conditions extends Pick<Preparation, 'despiteRefusals'> {
  readonly isLoaded: () => boolean;
  readonly held: HeldWait;
  readonly blockers: () => readonly string[];
}

/** Ends the process when the app does not come to rest, or is to be loaded once more. */
async function waitForIdleApp(app: AppProcess, observed: Observed, conditions: Conditions): Promise<void> {
  const { listening, options, connects, passed } = app;
  // An app that may be loaded once more is; otherwise what is open may be what the app waits for.
  const hasty = options.mayAskToHold;
  do {
    const result = await waitUntilIdle({ ...conditions, hasty, timeout: timeLeft(app) });
    if (result.type === 'idle') continue;
    const open = result.type === 'blockers' ? openConnects(refusals(app, observed)) : [];
    if (open.length > 0 && passed !== undefined) {
      const after = passed.loadedSince(open.map(({ destination }) => destination));
      askToHold(app, { cause: 'open', connects: open, after });
    }
    if (result.type === 'blockers' && conditions.despiteRefusals) continue;
    const hasServer = conditions.isLoaded();
    refuse(app, unsettled(result, { ...observed, hasServer, failures: listening.failures, connects }));
  } while (!listening.assignFirst());
}

/** Milliseconds left until the spawn timeout, counted from when this process was launched, as the monitor counts it. */
function timeLeft({ options, launchedAt }: AppProcess): number {
  return options.spawnTimeout - (performance.now() - launchedAt);
}

function inWords({ message, remedy }: Diagnostic): string {
  return `${message}; ${remedy}`;
}

function refusals(app: AppProcess, observed: Observed): Diagnostic[] {
  return examineNow(app, observed).filter(
    ({ kind, severity }) => severity === 'refusal' && !(kind === 'socket' && app.options.allowSharedSockets),
  );
}
