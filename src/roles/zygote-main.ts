import { startRecording } from '../app/examine/index.js';
import { watchRandomPools } from '../app/random-pools.js';
import { BlockingChannel } from '../channel/blocking.js';
import { setCloseOnExec } from '../posix/index.js';
import { Scoreboard } from '../scoreboard/index.js';
import { AppProcess } from './app-process.js';
import { takeLaunch } from './launch.js';
import { runZygote } from './zygote.js';

const { options, channelFd, scoreboardFd } = takeLaunch();
for (const fd of [channelFd, scoreboardFd]) setCloseOnExec(fd, true);
process.title = `prefork: zygote gen ${options.generation} ${options.app}`;
// As if the app were what Node was told to run.
process.argv.splice(1, 1);

const app = new AppProcess(options, Scoreboard.attach(scoreboardFd), new BlockingChannel(channelFd));
watchRandomPools();
app.connects.install();
const recording = startRecording();
app.listening.install();
app.traffic.install();
runZygote(app, recording).catch((error) => {
  setImmediate(() => {
    throw error;
  });
});
