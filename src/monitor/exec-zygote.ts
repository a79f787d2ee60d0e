import { existsSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { BlockingChannel } from '../channel/blocking.js';
import { MAX_ZYGOTE_MESSAGE_BYTES } from '../channel/framing.js';
import type { AppOptions, LoadPlan } from '../channel/launch.js';
import { type Launch, VARIABLE } from '../channel/launch.js';
import type { NodeFlags } from '../node/flags.js';
import { _exit, execve, getppid, setCloseOnExec, setParentDeathSignal, setpgid } from '../posix/index.js';
import { NAMES, type Settings, TABLE } from '../settings/index.js';
import { type Installation, zygoteProgram } from './package.js';
import { oneArena } from './policy/allocator.js';
import { mustBeReadable, type Privileges, takePrivileges } from './privileges.js';
import { flagsOfZygote } from './zygote-flags.js';

/** How long a folder may be missing, in milliseconds: a link to it may be about to be replaced. */
const FOLDER_TIMEOUT_MS = 2000;
const FOLDER_INTERVAL_MS = 20;

/** What the zygotes of a service are started from. All paths are absolute, with links unresolved. */
export interface Origin {
  /** The working directory. */
  readonly folder: string;
  /** The app's path, as it was given. */
  readonly app: string;
  /** The app's path, absolute. */
  readonly appPath: string;
  readonly args: readonly string[];
  readonly installation: Installation;
  /** The settings of the first generation. */
  readonly settings: Settings;
  /** Reads the settings again. @throws PreforkError ERR_PREFORK_INVALID_OPTION */
  readonly readSettings: () => Settings;
  /** Listening sockets that the app may name by descriptor. */
  readonly inherited: readonly number[];
  /** Node's, which are meant for the app. */
  readonly nodeFlags: NodeFlags;
  /** The names of variables that the zygote's Node sets itself, by these flags. */
  readonly variablesOfFlags: readonly string[];
  /** The service has sockets for the app's first server: by --listen, or from a service manager. */
  readonly hasOverrides: boolean;
  /** A program that has given the monitor an IPC channel, other than serve(). */
  readonly hasSupervisor: boolean;
  readonly privileges: Privileges;
}

/** What one of them is started for. */
export interface ZygoteOrder extends LoadPlan, Pick<Launch, 'channelFd' | 'scoreboardFd'> {
  readonly monitor: number;
  readonly generation: number;
}

/**
 * In a fork of the monitor: becomes a fresh Node that is the zygote, with the monitor's own flags of Node. All that a
 * release may hold is looked up here, anew for each zygote, by the paths as they were given: the working directory,
 * the config file, prefork, and in the zygote the app. So nothing of it can hold up the monitor.
 */
export function becomeZygote(origin: Origin, order: ZygoteOrder): never {
  const channel = new BlockingChannel(order.channelFd, () => {}, MAX_ZYGOTE_MESSAGE_BYTES);
  try {
    // Before all else: what follows reads the app's files, and may run the config file.
    takePrivileges(origin.privileges);
    setParentDeathSignal('SIGKILL'); // It holds beyond execve(2), but not beyond a change of user.
    if (getppid() !== order.monitor) _exit(1); // The monitor died before that.
    setpgid(); // Node gives signals their default action: what is sent to the monitor's group would end it.
    execute(origin, order, channel);
  } catch (error) {
    channel.send({ type: 'refused', reasons: [(error as Error).message] });
  } finally {
    _exit(1); // Whatever is thrown: this process must not go on as a second monitor.
  }
}

function execute(origin: Origin, order: ZygoteOrder, channel: BlockingChannel): never {
  const { variablesOfFlags } = origin;
  enterFolder(origin.folder);
  for (const name of variablesOfFlags) delete process.env[name];
  process.env.PWD = origin.folder;
  if (!existsSync(process.execPath)) {
    throw new Error(`Node itself is gone: ${process.execPath}; stop the service and start it again`);
  }
  const settings = order.generation === 1 ? origin.settings : readSettings(origin, channel);
  const { identity } = origin.privileges;
  const { path, own } = origin.installation;
  if (identity !== undefined)
    for (const file of [process.execPath, path, own.zygote, origin.appPath]) mustBeReadable(file, identity);
  const { program, warning } = zygoteProgram(origin.installation);
  if (warning !== undefined) channel.send({ type: 'warning', message: warning });

  const { channelFd, scoreboardFd, monitor, generation, hold, mayAskToHold } = order;
  const { app, appPath, args, inherited, nodeFlags, hasOverrides, hasSupervisor } = origin;
  // As Node does it for a main script: by the real name of the working directory, where it is relative.
  const options: AppOptions = {
    ...settings,
    monitor,
    generation,
    app: resolve(app),
    appPath,
    inherited,
    nodeFlags,
    hasOverrides,
    hasSupervisor,
    hold,
    mayAskToHold,
  };
  const allocator = oneArena(process.env);
  const launch: Launch = { options, channelFd, scoreboardFd, ownVariables: Object.keys(allocator) };
  for (const fd of [channelFd, scoreboardFd, ...inherited]) setCloseOnExec(fd, false);
  // libuv's io_uring rings are memory that a forked child would share with its parent.
  const flags = flagsOfZygote(options, program);
  const env = {
    ...process.env,
    ...allocator,
    NODE_OPTIONS: flags.options,
    UV_USE_IO_URING: '0',
    [VARIABLE]: JSON.stringify(launch),
  };
  const argv = [process.argv0, ...flags.argv, program, options.app, ...args];
  try {
    return execve(process.execPath, argv, env);
  } catch (cause) {
    throw new Error(`cannot start a zygote: ${(cause as Error).message}`, { cause });
  }
}

/** Reads the settings of a generation, and tells the monitor, which goes by them as well. */
function readSettings({ settings: first, readSettings }: Origin, channel: BlockingChannel): Settings {
  const now = readSettings();
  const fixed = NAMES.filter((name) => TABLE[name].fixed);
  const kept = fixed.filter((name) => !isDeepStrictEqual(now[name], first[name]));
  if (kept.length > 0) {
    const message = `a reload does not change ${kept.join(', ')}: stop the service and start it again for that`;
    channel.send({ type: 'warning', message });
  }
  const settings = { ...now, ...Object.fromEntries(fixed.map((name) => [name, first[name]])) };
  channel.send({ type: 'settings', settings });
  return settings;
}

function enterFolder(folder: string): void {
  const end = performance.now() + FOLDER_TIMEOUT_MS;
  for (;;) {
    try {
      process.chdir(folder);
      return;
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT' && performance.now() < end) sleep(FOLDER_INTERVAL_MS);
      else throw new Error(`cannot change to the folder ${folder}${linkOf(folder)}: ${code}`, { cause });
    }
  }
}

/** Where a link leads that leads nowhere. */
function linkOf(path: string): string {
  try {
    return `, a link to ${readlinkSync(path)}`;
  } catch {
    return '';
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
