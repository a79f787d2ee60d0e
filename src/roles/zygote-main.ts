// Makes this process the zygote, before any of the app's code runs: the modules that Node's flags name are the app's, too.
import { refuseClusterWorkers } from '../app/cluster.js';
import { startRecording } from '../app/examine/index.js';
import { showFlags } from '../app/node-flags.js';
import { openParentChannel } from '../app/parent-channel.js';
import { watchLoggers } from '../app/pino.js';
import { watchUsage } from '../app/process-usage.js';
import { watchRandomPools } from '../app/random-pools.js';
import { registry } from '../app/registry.js';
import { Threads } from '../app/threads.js';
import { BlockingChannel } from '../channel/blocking.js';
import { withoutModules } from '../policy/node-flags.js';
import { getpid, kill, setCloseOnExec, setDumpable } from '../posix/index.js';
import { Scoreboard } from '../scoreboard/index.js';
import { AppProcess } from './app-process.js';
import { ignoreGroupSignals, joinGroupOf } from './app-signals.js';
import { takeLaunch } from './launch.js';
import { dieWithMonitor } from './parent-death.js';
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

const channel = new BlockingChannel(channelFd, (notice) => {
  if (notice.type === 'raise') kill(getpid(), notice.signal);
});
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
if (options.hasSupervisor) openParentChannel((message) => app.channel.send({ type: 'to parent', message }));
