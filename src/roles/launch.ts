import { fileURLToPath } from 'node:url';
import { _exit, execve, getppid, setCloseOnExec, setParentDeathSignal, writeAll } from '../posix/index.js';
import type { AppOptions } from './app-process.js';
import { flagsOfZygote } from './zygote-flags.js';

const STDERR = 2;
const VARIABLE = 'PREFORK_ZYGOTE';
const MAIN = fileURLToPath(new URL('./zygote-run.js', import.meta.url));

/** What a zygote is started with. */
export interface Launch {
  readonly options: AppOptions;
  /** Its end of the channel to the monitor. */
  readonly channelFd: number;
  readonly scoreboardFd: number;
}

/** In a fork of the monitor: becomes a fresh Node that is the zygote, with the app's flags. */
export function becomeZygote(launch: Launch, args: readonly string[]): never {
  try {
    execute(launch, args);
  } catch (error) {
    // Not thrown: this process would go on as a second monitor.
    writeAll(STDERR, `prefork: cannot start a zygote: ${(error as Error).message}\n`);
    return _exit(1);
  }
}

function execute(launch: Launch, args: readonly string[]): never {
  setParentDeathSignal('SIGKILL'); // It holds beyond execve(2).
  if (getppid() !== launch.options.monitor) _exit(1); // It died before that.
  const { channelFd, scoreboardFd, options } = launch;
  for (const fd of [channelFd, scoreboardFd, ...options.inherited]) setCloseOnExec(fd, false);
  const flags = flagsOfZygote(options);
  const env = {
    ...process.env,
    NODE_OPTIONS: flags.options,
    // libuv's io_uring rings are memory that a forked child would share with its parent.
    UV_USE_IO_URING: '0',
    [VARIABLE]: JSON.stringify(launch),
  };
  const argv = [process.argv0, ...flags.argv, MAIN, options.app, ...args];
  return execve(process.execPath, argv, env);
}

/** In the zygote; neither the app nor what it starts sees it. */
export function takeLaunch(): Launch {
  const launch = JSON.parse(process.env[VARIABLE] ?? '') as Launch;
  delete process.env[VARIABLE];
  return launch;
}
