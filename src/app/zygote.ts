import type { AppOptions } from '../channel/launch.js';
import type { ForkCommand, HoldRequest } from '../channel/messages.js';
import { HeldWait } from '../fork-safety/held-wait.js';
import { whenQuiet } from '../fork-safety/idle.js';
import { closeIdleConnections } from '../fork-safety/idle-connections.js';
import { examine, type Finding, openConnects, placed, type Recording, unsettled } from '../fork-safety/index.js';
import type { Threads } from '../fork-safety/threads.js';
import { closeDebugger } from '../node/debugger.js';
import { keepTickMap } from '../node/garbage.js';
import { findMain, loadMainAfter } from '../node/main-module.js';
import { Preload } from '../node/preload.js';
import { workerIdIn } from '../node/thread-names.js';
import { findAllTimers, moveTimers, timersNow } from '../node/timers.js';
import { _exit, close, fork } from '../posix/index.js';
import { pathInRealFolder } from '../settings/paths.js';
import { registry } from './api/registry.js';
import type { AppProcess } from './app-process.js';
import { watchBlockedMain } from './blocked-main.js';
import { collectGarbage, settleMemory } from './garbage.js';
import { runBeforeFork } from './hooks.js';
import { flushLoggers, settleTransports } from './pino.js';
import { timerStart } from './policy/timer-start.js';
import { noteUsage } from './process-usage.js';
import { stopServices } from './services.js';
import { runWarmUps } from './warm-up.js';
import { runWorker, type WorkerOrder } from './worker.js';

/** Loads the app, waits until it is quiet, and forks a worker for each command. It returns in workers only. */
export async function runZygote(app: AppProcess, recording: Recording, threads: Threads): Promise<void> {
  const { options, listening, connects, once } = app;
  const observed = { recording, threads };
  registry().once = (name, fn) => once.run(name, fn);
  const loaded = watchFailure(app, observed);
  const unblocked = watchBlockedMain(threads, (reason) => refuse(app, [reason]));
  app.file = findApp(app);
  const preload = new Preload(options.preloadModules);
  if (options.preload) loadMainAfter(preload, options.app, app.file);

  const arrived = () => preload.isDone && (!options.preload || listening.waiting > 0);
  const held = new HeldWait({ connects, once, ...observed });
  await settle(app, observed, { arrived, held, obstacles: () => [] });
  await warmUp(app);
  const stuck = await runBeforeFork(timeLeft(options));
  if (stuck !== undefined) refuse(app, [stuck]);
  threads.prepare();
  closeIdleConnections();
  await stopServices();
  await settleTransports();
  closeDebugger();
  await keepTickMap();
  const obstacles = () => {
    const found = refusals(app, observed);
    if (found.length > 0) threads.prepare(); // A connection may have become one that is kept for later.
    return found.map(inWords);
  };
  await settle(app, observed, { arrived, held, obstacles });

  for (const { severity, message } of findings(app, observed)) {
    if (severity === 'warning') app.channel.send({ type: 'warning', message });
    if (severity === 'refusal')
      app.channel.send({ type: 'warning', message: `${message}; ${options.allowSharedSockets ? SHARED : LATE}` });
  }
  for (const message of flushLoggers()) app.channel.send({ type: 'warning', message });
  collectGarbage();
  noteUsage();
  findAllTimers();
  settleMemory();
  loaded();
  app.channel.send({
    type: 'loaded',
    held: [...placed(connects.held, recording), ...threads.held],
    ...(app.file !== options.appPath && { file: app.file }),
  });
  const rest = timersNow();
  const order = forkOnCommand(app, observed);
  const now = timersNow();
  moveTimers((timer) => timerStart(timer, rest, now), now);
  recording.stop();
  unblocked();
  await runWorker(app, preload, threads, order);
}

const SHARED = 'all workers share it, by --allow-shared-sockets: what comes to one may reach another';
/** A Worker may connect at any moment. */
const LATE = 'it was opened only just before the fork; workers see it ended';
/** This process ends by itself, and has told the monitor why. */
let hasSaidWhy = false;

async function warmUp(app: AppProcess): Promise<void> {
  const { options, clients, listening, channel } = app;
  const warn = (message: string) => channel.send({ type: 'warning', message });
  const { warmUp: script } = options;
  try {
    await runWarmUps({ servers: listening.servers, clients, script, timeout: timeLeft(options), warn });
  } catch (error) {
    refuse(app, [(error as Error).message]);
  }
}

/** What the app has open, in the main thread and in its Workers. */
interface Observed {
  readonly recording: Recording;
  readonly threads: Threads;
}

interface Conditions {
  readonly arrived: () => boolean;
  readonly held: HeldWait;
  readonly obstacles: () => readonly string[];
}

/** Ends the process when the app does not come to rest, or is to be loaded once more. */
async function settle(app: AppProcess, observed: Observed, conditions: Conditions): Promise<void> {
  const { listening, options, connects, passed } = app;
  // An app that may be loaded once more is; otherwise what is open may be what the app waits for.
  const hasty = options.mayAskToHold;
  do {
    const quiet = await whenQuiet({ ...conditions, hasty, timeout: timeLeft(options) });
    if (quiet.type === 'quiet') continue;
    const open = quiet.type === 'obstacles' ? openConnects(refusals(app, observed)) : [];
    if (open.length === 0 || passed === undefined) {
      refuse(app, unsettled(quiet, { ...observed, failures: listening.failures.all, connects }));
    }
    const after = passed.loadedSince(open.map(({ destination }) => destination));
    ask(app, { cause: 'open', connects: open, after });
  } while (!listening.assignFirst());
}

/** In milliseconds since this process began, as the monitor counts it. */
function timeLeft({ spawnTimeout }: AppOptions): number {
  return spawnTimeout - performance.now();
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

/** Ends this process, which cannot be forked. */
export function refuse(app: AppProcess, reasons: readonly string[]): never {
  app.settled = true;
  app.channel.send({ type: 'refused', reasons });
  return end();
}

/** Has the app loaded once more, with connects held. */
function ask(app: AppProcess, request: HoldRequest): never {
  app.settled = true;
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
    app.settled = true;
    channel.send({ type: 'hold', cause: 'failed', connects });
  };
  if (passed !== undefined) process.on('exit', exits);
  return () => {
    process.off('exit', exits);
    passed?.clear();
  };
}

/**
 * Blocks: the event loop stands still, and Workers do from the first fork on, so that every worker starts from the same
 * state.
 * @returns in a worker
 */
function forkOnCommand(app: AppProcess, observed: Observed): WorkerOrder {
  const shared = app.options.allowSharedSockets ? findings(app, observed).flatMap(({ fd }) => fd ?? []) : [];
  observed.threads.rest();
  for (;;) {
    const command = app.channel.receive();
    if (command === undefined) _exit(0);
    if (command.type !== 'fork') continue;
    const [channelFd, reportFd] = app.channel.take(2) as [number, number];
    if (forkWorker(app, observed, command, [channelFd, ...shared])) return { command, channelFd, reportFd };
    for (const fd of [channelFd, reportFd]) close(fd);
  }
}

/** @returns true in the worker */
function forkWorker(
  app: AppProcess,
  { threads }: Observed,
  { record }: ForkCommand,
  keepSockets: readonly number[],
): boolean {
  try {
    if (fork({ keepHandles: true, asSibling: true, restWorkers: true, keepSockets }) !== 0) return false;
  } catch (error) {
    app.channel.send({ type: 'fork failed', record, message: why(error as Error, threads) });
    return false;
  }
  app.channel.close();
  return true;
}

/** A refusal names threads; those of Workers have names by which it is known where they come from. */
function why({ message }: Error, threads: Threads): string {
  const id = workerIdIn(/"([^"]*)"/.exec(message)?.[1] ?? '');
  const origin = id === undefined ? undefined : threads.origin(id);
  return origin ? `${message}; ${origin}` : message;
}

function inWords({ message, remedy }: Finding): string {
  return `${message}; ${remedy}`;
}

function refusals(app: AppProcess, observed: Observed): Finding[] {
  return findings(app, observed).filter(
    ({ kind, severity }) => severity === 'refusal' && !(kind === 'socket' && app.options.allowSharedSockets),
  );
}

function findings({ channel, connects }: AppProcess, { recording, threads }: Observed): Finding[] {
  return examine(recording, { ignore: [channel.fd], connects, threads });
}
