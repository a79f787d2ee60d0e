import { closeDebugger } from '../app/debugger.js';
import { examine, type Recording, unsettled } from '../app/examine/index.js';
import { collectGarbage } from '../app/garbage.js';
import { runBeforeFork } from '../app/hooks.js';
import { closeIdleConnections } from '../app/idle-connections.js';
import { findMain, loadMain } from '../app/main-module.js';
import { flushLoggers } from '../app/pino.js';
import { preload } from '../app/preload.js';
import { noteUsage } from '../app/process-usage.js';
import { whenQuiet } from '../app/quiet.js';
import type { ForkCommand } from '../channel/messages.js';
import { _exit, close, fork } from '../posix/index.js';
import { pathInRealFolder } from '../settings/paths.js';
import type { AppOptions, AppProcess } from './app-process.js';
import { runWorker } from './worker.js';

/** Loads the app, waits until it is quiet, and forks a worker for each command. It returns in workers only. */
export async function runZygote(app: AppProcess, recording: Recording): Promise<void> {
  const { options, listening } = app;
  app.file = findApp(app);
  await preload(options.preloadModules);
  if (options.preload) loadMain(options.app, app.file);

  const arrived = () => !options.preload || listening.waiting > 0;
  await settle(app, recording, { arrived, obstacles: () => [] });
  const stuck = await runBeforeFork(timeLeft(options));
  if (stuck !== undefined) refuse(app, [stuck]);
  closeIdleConnections();
  closeDebugger();
  await settle(app, recording, { arrived, obstacles: () => refusals(app, recording) });

  for (const { severity, message } of findings(app, recording)) {
    if (severity === 'warning') app.channel.send({ type: 'warning', message });
    if (severity === 'refusal') app.channel.send({ type: 'warning', message: `${message}; ${SHARED}` });
  }
  for (const message of flushLoggers()) app.channel.send({ type: 'warning', message });
  collectGarbage();
  noteUsage();
  app.channel.send({ type: 'loaded', ...(app.file !== options.appPath && { file: app.file }) });
  const [command, channel] = forkOnCommand(app, recording);
  recording.stop();
  await runWorker(app, command, channel);
}

const SHARED = 'all workers share it, by --allow-shared-sockets: what comes to one may reach another';

interface Conditions {
  readonly arrived: () => boolean;
  readonly obstacles: () => readonly string[];
}

/** Ends the process when the app does not come to rest. */
async function settle(app: AppProcess, recording: Recording, conditions: Conditions): Promise<void> {
  const { listening, options } = app;
  do {
    const quiet = await whenQuiet({ ...conditions, timeout: timeLeft(options) });
    if (quiet.type !== 'quiet') refuse(app, unsettled(quiet, recording, listening.failures.all));
  } while (!listening.assignFirst());
}

/** In milliseconds since this process began, as the monitor counts it. */
function timeLeft({ spawnTimeout }: AppOptions): number {
  return spawnTimeout - performance.now();
}

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
  process.exit(1);
}

/**
 * Blocks: the event loop stands still, so that every worker starts from the same state.
 * @returns in a worker: its command and its channel
 */
function forkOnCommand(app: AppProcess, recording: Recording): [ForkCommand, number] {
  const shared = app.options.allowSharedSockets ? findings(app, recording).flatMap(({ fd }) => fd ?? []) : [];
  for (;;) {
    const command = app.channel.receive();
    if (command === undefined) _exit(0);
    if (command.type !== 'fork') continue;
    const [channel] = app.channel.take(1) as [number];
    if (forkWorker(app, command, [channel, ...shared])) return [command, channel];
    close(channel);
  }
}

/** @returns true in the worker */
function forkWorker(app: AppProcess, { record }: ForkCommand, keepSockets: readonly number[]): boolean {
  try {
    if (fork({ keepHandles: true, asSibling: true, keepSockets }) !== 0) return false;
  } catch (error) {
    app.channel.send({ type: 'fork failed', record, message: (error as Error).message });
    return false;
  }
  app.channel.close();
  return true;
}

function refusals(app: AppProcess, recording: Recording): string[] {
  return findings(app, recording)
    .filter(({ kind, severity }) => severity === 'refusal' && !(kind === 'socket' && app.options.allowSharedSockets))
    .map(({ message, remedy }) => `${message}; ${remedy}`);
}

function findings(app: AppProcess, recording: Recording) {
  return examine(recording, { ignore: [app.channel.fd] });
}
