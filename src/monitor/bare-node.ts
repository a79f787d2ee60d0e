import { Server } from 'node:net';
import { actByThemselves } from '../node/flags.js';
import { activeHandles, descriptorOf } from '../node/handles.js';
import { execve, setCloseOnExec } from '../posix/index.js';
import { environmentAtStart } from '../proc/environment.js';
import { packageFile } from '../util/package-files.js';
import { variablesOfFlags } from './environment.js';
import { activatedSockets, inheritedListeners } from './listeners/inherited.js';
import { contextVariables, type StartContext, takeContext } from './start-context.js';

const CLI = packageFile('dist/cli/main.js');

/**
 * Makes sure that this process can be a monitor. Where Node's flags have run code of the app here, or opened a
 * debugger's port, it executes itself once more without any flags: threads, ports and connections that belong to the
 * app must not be in the process that forks the zygote.
 */
export function becomeBare(): StartContext {
  const told = takeContext();
  if (told !== undefined) return told;
  const nodeFlags = { argv: process.execArgv, options: process.env.NODE_OPTIONS };
  const context = { nodeFlags, variablesOfFlags: variablesOfFlags() };
  if (actByThemselves(nodeFlags)) executeWithoutFlags(context);
  return context;
}

/** The process id stays, so that LISTEN_PID and WATCHDOG_PID hold; what an env file has set is in the environment. */
function executeWithoutFlags(context: StartContext): never {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const channel = channelVariables();
  for (const fd of descriptorsToKeep(channel)) setCloseOnExec(fd, false);
  const argv = [process.argv0, CLI, ...process.argv.slice(2)];
  return execve(process.execPath, argv, { ...env, ...channel, ...contextVariables(context) });
}

/** Node has marked all that it was started with close-on-exec. What the app's code has opened here stays marked. */
function descriptorsToKeep({ NODE_CHANNEL_FD: channel }: NodeJS.ProcessEnv): number[] {
  const own = activeHandles()
    .filter((handle) => handle instanceof Server)
    .map(descriptorOf);
  const listeners = inheritedListeners().filter((fd) => !own.includes(fd));
  return [...activatedSockets(), ...listeners, ...(channel === undefined ? [] : [Number(channel)])];
}

/** The variables of the IPC channel that this process was started with: Node has deleted them from process.env. */
function channelVariables(): NodeJS.ProcessEnv {
  if (!process.connected) return {};
  const ofChannel = environmentAtStart().filter((variable) => variable.startsWith('NODE_CHANNEL_'));
  return Object.fromEntries(ofChannel.map((variable) => variable.split('=', 2)));
}
