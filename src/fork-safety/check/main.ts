// Makes this process the one that `prefork check` examines, before any of the app's code runs: see run.ts.
import { resolve } from 'node:path';
import { registry } from '../../app/api/registry.js';
import { Clients } from '../../app/clients.js';
import { refuseClusterWorkers } from '../../app/cluster.js';
import { ConnectHook } from '../../app/connect-hook.js';
import { ConnectRecord } from '../../app/connect-record.js';
import { ListenHook } from '../../app/listen-hook.js';
import { OnceGate } from '../../app/once.js';
import { showFlags } from '../../app/show-flags.js';
import { withoutModules } from '../../node/flags.js';
import { watchRandomPools } from '../../node/random-pools.js';
import { _exit, setCloseOnExec, writeAll } from '../../posix/index.js';
import { startRecording } from '../index.js';
import { StandIn } from './fake-monitor.js';
import { type CheckMessage, type CheckOptions, VARIABLE } from './messages.js';

export const options = JSON.parse(process.env[VARIABLE] ?? '') as CheckOptions;
delete process.env[VARIABLE];
setCloseOnExec(options.fd, true);
// As if the app were what Node was told to run.
process.argv.splice(1, 1);
process.argv[1] = resolve(process.argv[1] as string);
showFlags(options.nodeFlags);

watchRandomPools();
export const passed = options.mayAskToHold ? new ConnectRecord() : undefined;
export const connects = new ConnectHook({
  hold: options.hold,
  ...(passed && { passing: (...each) => passed.add(...each) }),
});
connects.install();
export const recording = startRecording();
recording.noteLoaders(withoutModules(options.nodeFlags)[1]);
const standIn = new StandIn();
const nothing = () => {};
const clients = new Clients(0);
export const listening = new ListenHook({
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
registry().preforked = true;
// No worker runs what one of them is to run: it may be another one.
export const once = new OnceGate({ ask: () => ({ turn: 'done' }), ended: nothing });
registry().once = (name, fn) => once.run(name, fn);
refuseClusterWorkers((reason) => giveUp([reason]));

export function tell(message: CheckMessage): void {
  writeAll(options.fd, `${JSON.stringify(message)}\n`);
}

/** Ends this process: the app never comes to where it may be forked. */
export function giveUp(reasons: readonly string[]): never {
  tell({ type: 'unsettled', reasons });
  return _exit(0);
}
