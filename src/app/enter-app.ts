import { startRecording } from '../fork-safety/index.js';
import { Threads } from '../fork-safety/threads.js';
import { withoutModules } from '../node/flags.js';
import { watchRandomPools } from '../node/random-pools.js';
import { copySocketOptionsUncached } from '../node/socket-options.js';
import { watchFlags } from '../node/v8-flags.js';
import { registry } from './api/registry.js';
import type { AppProcess } from './app-process.js';
import { refuse } from './before-fork/give-up.js';
import { refuseClusterWorkers } from './cluster.js';
import { overrideSendingServers } from './listening/sent-servers.js';
import type { Observed } from './observed.js';
import { watchLoggers } from './pino.js';
import { showFlags } from './show-flags.js';
import { watchUsage } from './worker/process-usage.js';

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
