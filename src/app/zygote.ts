import type { ForkCommand } from '../channel/messages.js';
import { HeldWait } from '../fork-safety/held-wait.js';
import { whenQuiet } from '../fork-safety/idle.js';
import { closeIdleConnections } from '../fork-safety/idle-connections.js';
import { examine, type Finding, openConnects, placed, type Recording, unsettled } from '../fork-safety/index.js';
import type { HoldRequest } from '../monitor/policy/holds.js';
import { closeDebugger } from '../node/debugger.js';
import { findMain, loadMainAfter } from '../node/main-module.js';
import { Preload } from '../node/preload.js';
import { workerIdIn } from '../node/thread-names.js';
import { findAllTimers, moveTimers, timersNow } from '../node/timers.js';
import { _exit, close, fork } from '../posix/index.js';
import { pathInRealFolder } from '../settings/paths.js';
import { registry } from './api/registry.js';
import type { AppOptions, AppProcess } from './app-process.js';
import { collectGarbage, settleMemory } from './garbage.js';
import { runBeforeFork } from './hooks.js';
import { flushLoggers } from './pino.js';
import { timerStart } from './policy/timer-start.js';
import { noteUsage } from './process-usage.js';
import { stopServices } from './services.js';
import { runWarmUps } from './warm-up.js';
import { runWorker, type WorkerOrder } from './worker.js';

/** Loads the app, waits until it is quiet, and forks a worker for each command. It returns in workers only. */
export async function runZygote(app: AppProcess, recording: Recording): Promise<void> {
  const { options, listening, connects, once } = app;
  registry().once = (name, fn) => once.run(name, fn);
  const loaded = watchFailure(app, recording);
  app.file = findApp(app);
  const preload = new Preload(options.preloadModules);
  if (options.preload) loadMainAfter(preload, options.app, app.file);

  const arrived = () => preload.isDone && (!options.preload || listening.waiting > 0);
  const held = new HeldWait({ connects, once, recording });
  await settle(app, recording, { arrived, held, obstacles: () => [] });
  await warmUp(app);
  const stuck = await runBeforeFork(timeLeft(options));
  if (stuck !== undefined) refuse(app, [stuck]);
  closeIdleConnections();
  await stopServices();
  closeDebugger();
  await settle(app, recording, { arrived, held, obstacles: () => refusals(app, recording).map(inWords) });

  for (const { severity, message } of findings(app, recording)) {
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
    held: placed(connects.held, recording),
    ...(app.file !== options.appPath && { file: app.file }),
  });
  const rest = timersNow();
  const order = forkOnCommand(app, recording);
  const now = timersNow();
  moveTimers((timer) => timerStart(timer, rest, now), now);
  recording.stop();
  await runWorker(app, preload, order);
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

interface Conditions {
  readonly arrived: () => boolean;
  readonly held: HeldWait;
  readonly obstacles: () => readonly string[];
}

/** Ends the process when the app does not come to rest, or is to be loaded once more. */
async function settle(app: AppProcess, recording: Recording, conditions: Conditions): Promise<void> {
  const { listening, options, connects, passed } = app;
  // An app that may be loaded once more is; otherwise what is open may be what the app waits for.
  const hasty = options.mayAskToHold;
  do {
    const quiet = await whenQuiet({ ...conditions, hasty, timeout: timeLeft(options) });
    if (quiet.type === 'quiet') continue;
    const open = quiet.type === 'obstacles' ? openConnects(refusals(app, recording)) : [];
    if (open.length === 0 || passed === undefined) {
      refuse(app, unsettled(quiet, { recording, failures: listening.failures.all, connects }));
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
function watchFailure(app: AppProcess, recording: Recording): () => void {
  const { channel, passed } = app;
  const exits = (status: number) => {
    if (hasSaidWhy) return;
    const connects = placed(passed?.failed ?? [], recording);
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
 * Blocks: the event loop stands still, so that every worker starts from the same state.
 * @returns in a worker
 */
function forkOnCommand(app: AppProcess, recording: Recording): WorkerOrder {
  const shared = app.options.allowSharedSockets ? findings(app, recording).flatMap(({ fd }) => fd ?? []) : [];
  for (;;) {
    const command = app.channel.receive();
    if (command === undefined) _exit(0);
    if (command.type !== 'fork') continue;
    const [channelFd, reportFd] = app.channel.take(2) as [number, number];
    if (forkWorker(app, recording, command, [channelFd, ...shared])) return { command, channelFd, reportFd };
    for (const fd of [channelFd, reportFd]) close(fd);
  }
}

/** @returns true in the worker */
function forkWorker(
  app: AppProcess,
  recording: Recording,
  { record }: ForkCommand,
  keepSockets: readonly number[],
): boolean {
  try {
    if (fork({ keepHandles: true, asSibling: true, keepSockets }) !== 0) return false;
  } catch (error) {
    app.channel.send({ type: 'fork failed', record, message: why(error as Error, recording) });
    return false;
  }
  app.channel.close();
  return true;
}

/** A refusal names threads; those of the app's Workers have names by which their places are known. */
function why({ message }: Error, recording: Recording): string {
  const id = workerIdIn(/"([^"]*)"/.exec(message)?.[1] ?? '');
  const place = id === undefined ? undefined : recording.placeOfWorker(id);
  return place === undefined ? message : `${message}; Worker ${id} was started at ${place}`;
}

function inWords({ message, remedy }: Finding): string {
  return `${message}; ${remedy}`;
}

function refusals(app: AppProcess, recording: Recording): Finding[] {
  return findings(app, recording).filter(
    ({ kind, severity }) => severity === 'refusal' && !(kind === 'socket' && app.options.allowSharedSockets),
  );
}

function findings({ channel, connects }: AppProcess, recording: Recording): Finding[] {
  return examine(recording, { ignore: [channel.fd], connects });
}
