import type { BlockingChannel } from '../channel/blocking.js';
import type { AppOptions, EarlyLaunch } from '../channel/launch.js';
import { _exit } from '../posix/index.js';
import { followMonitor } from './parent-death.js';

/**
 * In a zygote that was started before its monitor knew what it is to load: waits for that, and makes the process what it
 * would be if it had been started with it. It ends where the monitor does not need it after all.
 */
export function awaitLaunch(
  { monitor }: EarlyLaunch,
  channel: Pick<BlockingChannel, 'receive' | 'take'>,
): { readonly options: AppOptions; readonly scoreboardFd: number; readonly launchedAt: number } {
  followMonitor(monitor);
  const command = channel.receive();
  if (command?.type !== 'launch') _exit(1);
  const { options, args, folder } = command;
  process.env.PWD = folder;
  process.argv.splice(2, process.argv.length, options.app, ...args);
  return { options, scoreboardFd: channel.take(1)[0] as number, launchedAt: performance.now() };
}
