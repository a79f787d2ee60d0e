import type { Compaction, HoldRequest } from '../../channel/messages.js';
import { HeldWait } from '../../fork-safety/held-wait.js';
import { waitUntilIdle } from '../../fork-safety/idle.js';
import { closeIdleConnections } from '../../fork-safety/idle-connections.js';
import {
  type Diagnostic,
  examine,
  openConnects,
  placed,
  type Recording,
  startRecording,
  unsettled,
} from '../../fork-safety/index.js';
import { Threads } from '../../fork-safety/threads.js';
import { closeDebugger } from '../../node/debugger.js';
import { withoutModules } from '../../node/flags.js';
import { keepTickMap } from '../../node/garbage.js';
import { findMain, loadMainAfter } from '../../node/main-module.js';
import { Preload } from '../../node/preload.js';
import { watchRandomPools } from '../../node/random-pools.js';
import { copySocketOptionsUncached } from '../../node/socket-options.js';
import { findAllTimers, forgetDate, moveTimers, timersNow } from '../../node/timers.js';
import { watchFlags } from '../../node/v8-flags.js';
import { _exit } from '../../posix/index.js';
import { pathInRealFolder } from '../../settings/paths.js';
import { registry } from '../api/registry.js';
import type { AppProcess } from '../app-process.js';
import { runBeforeFork } from '../hooks.js';
import { overrideSendingServers } from '../listening/sent-servers.js';
import { timerStart } from '../policy/timer-start.js';
import { noteUsage, watchUsage } from '../worker/process-usage.js';
import { watchBlockedMain } from './blocked-main.js';
import { refuseClusterWorkers } from './cluster.js';
import { collectGarbage, compactFragmented, makeMemoryShareable } from './garbage.js';
import { flushLoggers, settleTransports, watchLoggers } from './pino.js';
import { rehearseBirth } from './rehearsal.js';
import { stopServices } from './services.js';
import { showFlags } from './show-flags.js';
import { runWarmUps } from './warm-up.js';

/** What the app has open, in the main thread and in its Workers. */
export interface Observed {
  readonly recording: Recording;
  readonly threads: Threads;
}

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

/** Makes this process one that runs the app, before any of the app's code does: in the zygote and in `prefork check`. */
export function enterApp(app: AppProcess): Observed {
  const { options } = app;
  // As if the app were what Node was told to run.
  process.argv.splice(1, 1);
  showFlags(options.nodeFlags);
  watchFlags();
  copySocketOptionsUncached();
  watchRandomPools();
  watchUsage();
  watchLoggers();
  app.connects.install();
  const recording = startRecording();
  const threads = new Threads(recording, options.hold);
  if (options.preload) recording.noteLoaders(withoutModules(options.nodeFlags)[1]);
  app.listening.install();
  overrideSendingServers();
  app.traffic.install();
  app.explainEnd();
  registry().preforked = true;
  registry().once = (name, fn) => app.once.run(name, fn);
  refuseClusterWorkers((reason) => refuse(app, [reason]));
  return { recording, threads };
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
/** This process ends by itself, and has told the monitor why. */
let hasSaidWhy = false;

/** Has loggers write what they keep for later. @returns what they could not */
function unwrittenLines(): Diagnostic[] {
  return flushLoggers().map((message) => ({ kind: 'logger', severity: 'warning', message, remedy: UNWRITTEN }));
}

/** What the fork would share just now, or have go on in every worker. */
export function examineNow({ channel, connects }: AppProcess, { recording, threads }: Observed): Diagnostic[] {
  return examine(recording, { ignore: [channel.fd], connects, threads });
}

/** Ends this process, which cannot be forked. */
export function refuse(app: AppProcess, reasons: readonly string[]): never {
  app.hasReported = true;
  app.channel.send({ type: 'refused', reasons });
  return end();
}

/** Has the app loaded once more, with connects held. */
function ask(app: AppProcess, request: HoldRequest): never {
  app.hasReported = true;
  app.channel.send({ type: 'hold', ...request });
  return end();
}

/** Runs the app's own listeners, but does not wait for threads of native code: they may be what keeps it from a fork. */
function end(): never {
  hasSaidWhy = true;
  process.on('exit', () => _exit(1));
  return process.exit(1);
}

/**
 * An app that fails while it is loaded, and has found no peer at some destination, is loaded once more with these
 * connects held: its workers then fail as under plain node, and are forked again.
 * @returns to be called when the app is loaded
 */
function watchFailure(app: AppProcess, { recording, threads }: Observed): () => void {
  const { channel, passed } = app;
  const exits = (status: number) => {
    if (hasSaidWhy) return;
    const connects = [...placed(passed?.failed ?? [], recording), ...threads.failed];
    if (status === 0 || connects.length === 0) return;
    app.hasReported = true;
    channel.send({ type: 'hold', cause: 'failed', connects });
  };
  if (passed !== undefined) process.on('exit', exits);
  return () => {
    process.off('exit', exits);
    passed?.clear();
  };
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
      ask(app, { cause: 'open', connects: open, after });
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
