// The process that `prefork check` starts: it loads the app as a zygote does, and forks two workers that do not serve.
import { resolve } from 'node:path';
import { setCloseOnExec, writeAll } from '../../posix/index.js';
import { Clients } from '../clients.js';
import { ConnectHook } from '../connect.js';
import { ConnectRecord } from '../connect-record.js';
import { startRecording } from '../examine/index.js';
import { ListenHook } from '../listen.js';
import { OnceGate } from '../once.js';
import { watchRandomPools } from '../random-pools.js';
import { registry } from '../registry.js';
import { type CheckMessage, type CheckOptions, VARIABLE } from './messages.js';
import { StandIn } from './stand-in.js';
import { runTrial } from './trial.js';

const { fd, ...options } = JSON.parse(process.env[VARIABLE] ?? '') as CheckOptions;
delete process.env[VARIABLE];
setCloseOnExec(fd, true);
// As if the app were what Node was told to run.
process.argv.splice(1, 1);

watchRandomPools();
const passed = options.mayAskToHold ? new ConnectRecord() : undefined;
const connects = new ConnectHook({ hold: options.hold, ...(passed && { passing: (...each) => passed.add(...each) }) });
connects.install();
const recording = startRecording();
const standIn = new StandIn();
const nothing = () => {};
const clients = new Clients(0);
const listening = new ListenHook({
  channel: () => standIn,
  clients,
  backlog: undefined,
  warn: nothing,
  onServer: nothing,
});
listening.install();

// No worker runs what one of them is to run: it may be another one.
const once = new OnceGate({ ask: () => ({ turn: 'done' }), ended: nothing });
registry().once = (name, fn) => once.run(name, fn);

const tell = (message: CheckMessage) => writeAll(fd, `${JSON.stringify(message)}\n`);
const app = resolve(process.argv[1] as string);
runTrial({ ...options, app, fd, recording, listening, connects, passed, once, tell }).catch((error) => {
  setImmediate(() => {
    throw error;
  });
});
