import { performance } from 'node:perf_hooks';
import { drain } from '../app/drain.js';
import { enterWorker, runAfterFork } from '../app/hooks.js';
import { loadMainAfter } from '../app/main-module.js';
import type { Preload } from '../app/preload.js';
import { refillRandomPools } from '../app/random-pools.js';
import { BlockingChannel } from '../channel/blocking.js';
import type { ForkCommand } from '../channel/messages.js';
import { _exit, getpid, getppid, setParentDeathSignal } from '../posix/index.js';
import { monotonicNow, type WorkerRecord } from '../scoreboard/index.js';
import type { AppProcess } from './app-process.js';

/** How often a worker shows on the scoreboard that its event loop turns, in milliseconds. */
const HEARTBEAT = 500;

/** What a fork of the zygote lives as: it serves until the monitor has it leave. */
export async function runWorker(
  app: AppProcess,
  preload: Preload,
  command: ForkCommand,
  channelFd: number,
): Promise<void> {
  setParentDeathSignal('SIGKILL');
  if (getppid() !== app.options.monitor) _exit(1); // It died before that.
  const channel = new BlockingChannel(channelFd);
  app.channel = channel;
  channel.send({ type: 'hello', pid: getpid() });
  const { slot, generation } = command;
  process.title = `prefork: worker ${slot} gen ${generation} ${app.options.app}`;
  const record = app.scoreboard.record(command.record);
  keepRecord(app, record);
  process.on('SIGTERM', () => leave(app, record));

  refillRandomPools();
  enterWorker({ slot, generation, pid: getpid() });
  // Before the hooks: they may wait for what the app has begun to open.
  app.connects.release();
  app.once.open();
  await runAfterFork();
  app.listening.serve();
  if (!app.options.preload) loadMainAfter(preload, app.options.app);
  // Not before the event loop has turned since 'listening': threads of native code may hold it up for good.
  app.listening.onceServing(() =>
    setImmediate(() => {
      record.state = 'ready';
      channel.send({ type: 'ready' });
    }),
  );
}

function keepRecord({ clients, traffic, listening, options }: AppProcess, record: WorkerRecord): void {
  let before = performance.eventLoopUtilization();
  let last = performance.now();
  record.pid = getpid();
  record.startedAt = Date.now();
  const beat = () => {
    const now = performance.now();
    record.heartbeat = monotonicNow();
    record.loopDelay = Math.max(0, now - last - HEARTBEAT);
    record.busy = performance.eventLoopUtilization(before).utilization;
    before = performance.eventLoopUtilization();
    last = now;
    for (const handle of listening.handles) handle.rearm();
    // The kernel forgets the parent-death signal of a process that changes its user.
    if (getppid() !== options.monitor) _exit(1);
  };
  record.heartbeat = monotonicNow();
  setInterval(beat, HEARTBEAT).unref();
  traffic.onRequest = () => {
    record.requests++;
  };
  clients.onChange(() => {
    record.connections = clients.size;
    record.accepted = clients.accepted;
  });
}

function leave({ clients, traffic, listening, scoreboard, options }: AppProcess, record: WorkerRecord): void {
  if (record.state === 'draining') return;
  // An app that handles SIGTERM ends itself, as under plain node.
  const endsItself = process.listenerCount('SIGTERM') > 1;
  drain({
    clients,
    traffic,
    listening,
    stopping: scoreboard.stopping,
    linger: options.grace / 2,
    done: () => {
      if (!endsItself) process.exit();
    },
  });
  // Not before: the monitor takes it for the word that nothing is accepted any more.
  record.state = 'draining';
}
