// The process that `prefork check` starts: it loads the app as a zygote does, and forks two workers that do not serve.
import { resolve } from 'node:path';
import { setCloseOnExec, writeAll } from '../../posix/index.js';
import { Clients } from '../clients.js';
import { startRecording } from '../examine/index.js';
import { ListenHook } from '../listen.js';
import { watchRandomPools } from '../random-pools.js';
import { type CheckMessage, type CheckOptions, VARIABLE } from './messages.js';
import { StandIn } from './stand-in.js';
import { runTrial } from './trial.js';

const { fd, ...options } = JSON.parse(process.env[VARIABLE] ?? '') as CheckOptions;
delete process.env[VARIABLE];
setCloseOnExec(fd, true);
// As if the app were what Node was told to run.
process.argv.splice(1, 1);

watchRandomPools();
const recording = startRecording();
const standIn = new StandIn();
const nothing = () => {};
const clients = new Clients(0);
const listening = new ListenHook({
  channel: () => standIn,
  clients,
  backlog: undefined,
  hasOverrides: false,
  fixedMode: false,
  inherited: [],
  warn: nothing,
  onServer: nothing,
});
listening.install();

const tell = (message: CheckMessage) => writeAll(fd, `${JSON.stringify(message)}\n`);
runTrial({ ...options, app: resolve(process.argv[1] as string), fd, recording, listening, tell }).catch((error) => {
  setImmediate(() => {
    throw error;
  });
});
