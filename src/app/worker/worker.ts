import { BlockingChannel } from '../../channel/blocking.js';
import type { ForkCommand } from '../../channel/messages.js';
import type { Threads } from '../../fork-safety/threads.js';
import { chooseDebugPort } from '../../node/debugger.js';
import { runFlaggedModules } from '../../node/flagged-modules.js';
import { withoutModules } from '../../node/flags.js';
import { loadMainAfter } from '../../node/main-module.js';
import type { Preload } from '../../node/preload.js';
import { refillRandomPools } from '../../node/random-pools.js';
import { close, getpid } from '../../posix/index.js';
import { attachReport } from '../../scoreboard/index.js';
import type { AppProcess } from '../app-process.js';
import { enterWorker, runAfterFork } from '../hooks.js';
import { followMonitor } from '../parent-death.js';
import { correctLoggers } from '../pino.js';
import { nameProcess } from '../title.js';
import { keepRecord } from './heartbeat.js';
import { continueUsage } from './process-usage.js';
import { Departure } from './worker-exit.js';
import type { WorkerMemory } from './worker-memory.js';

/** What the monitor has a worker forked for. */
export interface WorkerOrder {
  readonly command: ForkCommand;
  /** Its end of its own channel. */
  readonly channelFd: number;
  /** The memory of its report. */
  readonly reportFd: number;
}

/** What a fork of the zygote lives as: it serves until the monitor has it leave. */
export async function runWorker(
  app: AppProcess,
  preload: Preload,
  threads: Threads,
  memory: WorkerMemory,
  order: WorkerOrder,
): Promise<void> {
  const { command, channelFd, reportFd } = order;
  followMonitor(app.options.monitor);
  // In a turn of its own: the app may be in the midst of listen().
  const channel = new BlockingChannel(channelFd, (notice) => setImmediate(() => departure.handle(notice)));
  app.channel = channel;
  app.isLoading = !app.options.preload;
  channel.send({ type: 'hello' });
  const { slot, generation } = command;
  nameProcess(`prefork: worker ${slot} gen ${generation} ${app.options.app}`, app.options.nodeFlags);
  const record = attachReport(reportFd, command.record);
  close(reportFd);
  memory.enterWorker();
  keepRecord(app, record, memory);
  const departure = new Departure(app, record);
  channel.watch();
  app.clientTimeout.start(app.clients, app.traffic);

  refillRandomPools();
  continueUsage();
  correctLoggers();
  chooseDebugPort(slot);
  enterWorker({ slot, generation, pid: getpid() });
  // Before the hooks: they may wait for what the app has begun to open.
  threads.release();
  app.connects.release();
  app.once.open();
  await runAfterFork();
  app.listening.serve(command.closedSockets);
  if (!app.options.preload) {
    await runFlaggedModules(withoutModules(app.options.nodeFlags)[1]);
    loadMainAfter(preload, app.options.app, app.file);
  }
  // Not before the event loop has turned since 'listening': threads of native code may hold it up for good.
  app.listening.onceServing(() =>
    setImmediate(() => {
      if (departure.hasBegun) return;
      app.hasReported = true;
      app.isLoading = false;
      record.state = 'ready';
      channel.send({ type: 'ready' });
    }),
  );
}
