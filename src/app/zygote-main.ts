// Makes this process the zygote, before any of the app's code runs: the modules that Node's flags name are the app's, too.

import { BlockingChannel } from '../channel/blocking.js';
import { MAX_ZYGOTE_MESSAGE_BYTES } from '../channel/framing.js';
import { takeLaunch } from '../channel/launch.js';
import type { Notice } from '../channel/messages.js';
import { getpid, kill, setCloseOnExec, setDumpable } from '../posix/index.js';
import { Scoreboard } from '../scoreboard/index.js';
import { AppProcess } from './app-process.js';
import { awaitLaunch } from './await-launch.js';
import { enterApp } from './enter-app.js';
import { openParentChannel } from './parent-channel.js';
import { dieWithMonitor } from './parent-death.js';
import { ignoreGroupSignals, joinGroupOf } from './signals.js';
import { nameProcess } from './title.js';

// Here, so that all of the zygote's program is in the bundle of this module.
export { followIntoWorkers } from './worker-threads.js';
export { runZygote } from './zygote.js';

const launch = takeLaunch();
const { channelFd } = launch;
const handle = (notice: Notice) => {
  if (notice.type === 'raise') kill(getpid(), notice.signal);
};
const channel = new BlockingChannel(channelFd, handle, MAX_ZYGOTE_MESSAGE_BYTES);
const { options, scoreboardFd, launchedAt } =
  'options' in launch ? { ...launch, launchedAt: 0 } : awaitLaunch(launch, channel);
if (options.undumpable) setDumpable(false); // execve(2) has set it; forks inherit it.
ignoreGroupSignals();
joinGroupOf(options.monitor);
for (const fd of [channelFd, scoreboardFd]) setCloseOnExec(fd, true);
dieWithMonitor(options.monitor);
nameProcess(`prefork: zygote gen ${options.generation} ${options.app}`, options.nodeFlags);

export const app = new AppProcess(options, Scoreboard.attach(scoreboardFd), channel, launchedAt);
export const observed = enterApp(app);
if (options.hasSupervisor) openParentChannel((json) => app.channel.sendToParent(json));
