// Makes this process the zygote, before any of the app's code runs: the modules that Node's flags name are the app's, too.

import { BlockingChannel } from '../channel/blocking.js';
import { LONGEST_OF_ZYGOTE } from '../channel/framing.js';
import { takeLaunch } from '../channel/launch.js';
import type { Notice } from '../channel/messages.js';
import { startRecording } from '../fork-safety/index.js';
import { Threads } from '../fork-safety/threads.js';
import { withoutModules } from '../node/flags.js';
import { watchRandomPools } from '../node/random-pools.js';
import { getpid, kill, setCloseOnExec, setDumpable } from '../posix/index.js';
import { Scoreboard } from '../scoreboard/index.js';
import { registry } from './api/registry.js';
import { AppProcess } from './app-process.js';
import { refuseClusterWorkers } from './cluster.js';
import { openParentChannel } from './parent-channel.js';
import { dieWithMonitor } from './parent-death.js';
import { watchLoggers } from './pino.js';
import { watchUsage } from './process-usage.js';
import { showFlags } from './show-flags.js';
import { ignoreGroupSignals, joinGroupOf } from './signals.js';
import { refuse } from './zygote.js';

const { options, channelFd, scoreboardFd } = takeLaunch();
if (options.undumpable) setDumpable(false); // execve(2) has set it; forks inherit it.
ignoreGroupSignals();
joinGroupOf(options.monitor);
for (const fd of [channelFd, scoreboardFd]) setCloseOnExec(fd, true);
dieWithMonitor(options.monitor);
process.title = `prefork: zygote gen ${options.generation} ${options.app}`;
// As if the app were what Node was told to run.
process.argv.splice(1, 1);
showFlags(options.nodeFlags);

const handle = (notice: Notice) => {
  if (notice.type === 'raise') kill(getpid(), notice.signal);
};
const channel = new BlockingChannel(channelFd, handle, LONGEST_OF_ZYGOTE);
export const app = new AppProcess(options, Scoreboard.attach(scoreboardFd), channel);
watchRandomPools();
watchUsage();
watchLoggers();
app.connects.install();
export const recording = startRecording();
export const threads = new Threads(recording, options.hold);
if (options.preload) recording.noteLoaders(withoutModules(options.nodeFlags)[1]);
app.listening.install();
app.traffic.install();
app.explainEnd();
registry().preforked = true;
refuseClusterWorkers((reason) => refuse(app, [reason]));
if (options.hasSupervisor) openParentChannel((json) => app.channel.sendToParent(json));
