import type { ForkCommand } from '../channel/messages.js';
import { type Diagnostic, placed } from '../fork-safety/index.js';
import type { Threads } from '../fork-safety/threads.js';
import { emptyRandomCaches } from '../node/renew-thread.js';
import { workerIdIn } from '../node/thread-names.js';
import { forkWithEmptyCaches } from '../posix/fork.js';
import { _exit, close, fork } from '../posix/index.js';
import type { AppProcess } from './app-process.js';
import { examineNow, prepareForFork } from './before-fork/prepare-fork.js';
import type { Observed } from './observed.js';
import { runWorker, type WorkerOrder } from './worker/worker.js';
import { WorkerMemory } from './worker/worker-memory.js';

/** Loads the app, waits until it is idle, and forks a worker for each command. It returns in workers only. */
export async function runZygote(app: AppProcess, observed: Observed): Promise<void> {
  const { recording, threads } = observed;
  const found = (findings: readonly Diagnostic[]) => warn(app, findings);
  const { compaction, preload, begin } = await prepareForFork(app, observed, { found });
  const { options, connects, file } = app;
  app.channel.send({
    type: 'loaded',
    held: [...placed(connects.held, recording), ...threads.held],
    ...(file !== undefined && file !== options.appPath && { file }),
    ...(compaction !== undefined && { compaction }),
  });
  const memory = new WorkerMemory(options);
  memory.begin();
  const order = forkOnCommand(app, observed);
  begin();
  await runWorker(app, preload, threads, memory, order);
}

const SHARED = 'all workers share it, by --allow-shared-sockets: what comes to one may reach another';
/** A Worker may connect at any moment. */
const LATE = 'it was opened only just before the fork; workers see it ended';

function warn({ channel, options }: AppProcess, findings: readonly Diagnostic[]): void {
  const late = options.allowSharedSockets ? SHARED : LATE;
  for (const { severity, message } of findings) {
    if (severity === 'warning') channel.send({ type: 'warning', message });
    if (severity === 'refusal') channel.send({ type: 'warning', message: `${message}; ${late}` });
  }
}

/**
 * Blocks: the event loop stands still, and Workers do from the first fork on, so that every worker starts from the same
 * state.
 * @returns in a worker
 */
function forkOnCommand(app: AppProcess, observed: Observed): WorkerOrder {
  const shared = app.options.allowSharedSockets ? examineNow(app, observed).flatMap(({ fd }) => fd ?? []) : [];
  observed.threads.rest();
  // Nothing of the app's runs from here on.
  const forkSelf = emptyRandomCaches() ? forkWithEmptyCaches : fork;
  for (;;) {
    const command = app.channel.receive();
    if (command === undefined) _exit(0);
    if (command.type !== 'fork') continue;
    const fds = descriptorsFor(command, app);
    if (fds === undefined) continue;
    const [channelFd, reportFd] = fds;
    if (forkWorker(app, observed, command, [channelFd, ...shared], forkSelf)) return { command, channelFd, reportFd };
    for (const fd of fds) close(fd);
  }
}

/** The worker's channel and report; undefined where this process has no room for them, which the monitor is told. */
function descriptorsFor({ record }: ForkCommand, { channel }: AppProcess): [number, number] | undefined {
  try {
    return channel.take(2) as [number, number];
  } catch (error) {
    channel.send({ type: 'fork failed', record, message: (error as Error).message });
    return undefined;
  }
}

/** @returns true in the worker */
function forkWorker(
  app: AppProcess,
  { threads }: Observed,
  { record }: ForkCommand,
  keepSockets: readonly number[],
  forkSelf: typeof fork,
): boolean {
  try {
    if (forkSelf({ keepHandles: true, asSibling: true, restWorkers: true, keepSockets }) !== 0) return false;
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
