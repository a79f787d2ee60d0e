import { existsSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { BlockingChannel } from '../channel/blocking.js';
import { MAX_ZYGOTE_MESSAGE_BYTES } from '../channel/framing.js';
import { type AppOptions, type Launch, type LoadPlan, VARIABLE } from '../channel/launch.js';
import type { LaunchCommand } from '../channel/messages.js';
import type { NodeFlags } from '../node/flags.js';
import { _exit, execve, getppid, setCloseOnExec, setParentDeathSignal, setpgid } from '../posix/index.js';
import { NAMES, realPath, type Settings, TABLE } from '../settings/index.js';
import type { EarlyZygote } from './early-zygote.js';
import { type Installation, zygoteProgram } from './package.js';
import { mustBeReadable, type Privileges, takePrivileges } from './privileges.js';
import { zygoteCommand } from './zygote-command.js';

/** How long a folder may be missing, in milliseconds: a link to it may be about to be replaced. */
const FOLDER_TIMEOUT_MS = 2000;
const FOLDER_INTERVAL_MS = 20;
/** A channel has room for so much at once. */
const MAX_LAUNCH_BYTES = 65_536;

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
  /** One that was started before all this was known. */
  readonly early: EarlyZygote | undefined;
}

/** What one of them is started for. */
export interface ZygoteOrder extends LoadPlan {
  readonly monitor: number;
  readonly generation: number;
}

type Descriptors = Pick<Launch, 'channelFd' | 'scoreboardFd'>;

/**
 * In a fork of the monitor: becomes a fresh Node that is the zygote, with the monitor's own flags of Node. All that a
 * release may hold is looked up here, anew for each zygote, by the paths as they were given: the working directory,
 * the config file, prefork, and in the zygote the app. So nothing of it can hold up the monitor.
 */
export function becomeZygote(origin: Origin, order: ZygoteOrder, fds: Descriptors): never {
  const channel = new BlockingChannel(fds.channelFd, () => {}, MAX_ZYGOTE_MESSAGE_BYTES);
  try {
    // Before all else: what follows reads the app's files, and may run the config file.
    takePrivileges(origin.privileges);
    setParentDeathSignal('SIGKILL'); // It holds beyond execve(2), but not beyond a change of user.
    if (getppid() !== order.monitor) _exit(1); // The monitor died before that.
    setpgid(); // Node gives signals their default action: what is sent to the monitor's group would end it.
    execute(origin, order, fds, channel);
  } catch (error) {
    channel.send({ type: 'refused', reasons: [(error as Error).message] });
  } finally {
    _exit(1); // Whatever is thrown: this process must not go on as a second monitor.
  }
}

function execute(origin: Origin, order: ZygoteOrder, fds: Descriptors, channel: BlockingChannel): never {
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

  const options = appOptions(origin, order, settings, process.cwd());
  const { flags, env, ownVariables } = zygoteCommand(options, program);
  const launch: Launch = { options, ...fds, ownVariables };
  for (const fd of [fds.channelFd, fds.scoreboardFd, ...origin.inherited]) setCloseOnExec(fd, false);
  const argv = [process.argv0, ...flags, program, options.app, ...origin.args];
  try {
    return execve(process.execPath, argv, { ...env, [VARIABLE]: JSON.stringify(launch) });
  } catch (cause) {
    throw new Error(`cannot start a zygote: ${(cause as Error).message}`, { cause });
  }
}

/** @param cwd the real path of the working directory */
function appOptions(
  { app, appPath, inherited, nodeFlags, hasOverrides, hasSupervisor }: Origin,
  { monitor, generation, hold, mayAskToHold }: ZygoteOrder,
  { args: _, ...settings }: Settings,
  cwd: string,
): AppOptions {
  return {
    ...settings,
    monitor,
    generation,
    app: resolve(cwd, app), // As Node does it for a main script.
    appPath,
    inherited,
    nodeFlags,
    hasOverrides,
    hasSupervisor,
    hold,
    mayAskToHold,
  };
}

/**
 * Has the early zygote be the one of this order, where it is the same process that becomeZygote() would make.
 * @returns what it is to be told; undefined where there is none
 */
export function takeEarlyZygote(
  origin: Origin,
  order: ZygoteOrder,
): { readonly pid: number; readonly channelFd: number; readonly command: LaunchCommand } | undefined {
  const { early, settings, folder, inherited, privileges } = origin;
  if (early === undefined) return undefined;
  const cwd = realPath(folder);
  const program = programNow(origin.installation);
  const isPlain =
    order.generation === 1 &&
    inherited.length === 0 &&
    privileges.identity === undefined &&
    privileges.limits.length === 0;
  if (isPlain && cwd !== undefined && program !== undefined) {
    const options = appOptions(origin, order, settings, cwd);
    const command: LaunchCommand = { type: 'launch', options, args: origin.args, folder };
    const fits = Buffer.byteLength(JSON.stringify(command)) <= MAX_LAUNCH_BYTES;
    if (fits && early.take(zygoteCommand(options, program), cwd)) {
      return { pid: early.pid, channelFd: early.channelFd, command };
    }
  }
  early.discard();
  return undefined;
}

/** Undefined where there is something to be told of it. */
function programNow(installation: Installation): string | undefined {
  try {
    const { program, warning } = zygoteProgram(installation);
    return warning === undefined ? program : undefined;
  } catch {
    return undefined;
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
