import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { type EarlyLaunch, VARIABLE } from '../channel/launch.js';
import { whyNoFork } from '../posix/binding.js';
import { discard, setCloseOnExec } from '../posix/file.js';
import { kill, spawn, waitpid } from '../posix/process.js';
import { socketpair } from '../posix/socket.js';
import type { Settings } from '../settings/index.js';
import type { PrivilegeSettings } from './privileges.js';
import { hasContext } from './start-context.js';
import { type ZygoteCommand, zygoteCommand } from './zygote-command.js';

const PROGRAM = fileURLToPath(new URL('../app/zygote-run.cjs', import.meta.url));
/** The settings by which a zygote's process is started. */
type StartSetting = keyof PrivilegeSettings | (keyof Settings & keyof Parameters<typeof zygoteCommand>[0]) | 'cwd';
/**
 * Their flags; undefined for those that count with another one only. Just the names are looked for: to read the settings
 * takes the time that an early zygote is to save, and take() compares what came of them.
 */
const START_FLAGS: Readonly<Record<StartSetting, string | undefined>> = {
  ...{ user: 'user', rlimit: 'rlimit', preload: 'no-preload', cwd: 'cwd' },
  ...{ group: undefined, groups: undefined, allowNewPrivileges: undefined }, // They need --user.
};
const FLAGS = new RegExp(`^(-h|--(help|${Object.values(START_FLAGS).filter(Boolean).join('|')})(=|$))`);
/** Those of a service manager are taken out of the environment before the zygote gets it. */
const MANAGERS = ['LISTEN_FDS', 'NOTIFY_SOCKET'];
const VARIABLES = [
  ...MANAGERS,
  ...Object.entries(START_FLAGS).flatMap(([name, flag]) => (flag ? `PREFORK_${name.toUpperCase()}` : [])),
];

/** Beyond 128 KiB Linux takes no argument. */
const MAX_TITLE_LENGTH = 65_536;

/**
 * A zygote that is started before the monitor has loaded its own program and read its settings: Node takes as long to
 * start as both. It waits at its channel for what it is to load, and runs no code of the app's until then.
 */
export class EarlyZygote {
  readonly #command: ZygoteCommand;
  readonly #cwd = process.cwd();
  readonly #end: () => void;
  readonly pid: number;
  readonly channelFd: number;
  #isOpen = true;

  private constructor(command: ZygoteCommand) {
    const [ours, theirs] = socketpair();
    try {
      setCloseOnExec(theirs, false);
      this.pid = spawn(process.execPath, commandLine(command), { ...command.env, ...launchVariable(command, theirs) });
    } catch (error) {
      discard(ours);
      throw error;
    } finally {
      discard(theirs);
    }
    this.#command = command;
    this.channelFd = ours;
    this.#end = () => this.discard();
    process.once('exit', this.#end);
  }

  /** @param args of the command line @returns undefined where it would not be of use, or cannot be started */
  static start(args: readonly string[]): EarlyZygote | undefined {
    const { execArgv, env } = process;
    if (execArgv.length > 0 || env.NODE_OPTIONS || hasContext() || whyNoFork() !== undefined) return undefined;
    if (isStartedOtherwise(args, env)) return undefined;
    try {
      const nodeFlags = { argv: [], options: env.NODE_OPTIONS };
      return new EarlyZygote(zygoteCommand({ preload: true, nodeFlags }, PROGRAM));
    } catch {
      return undefined; // What keeps it from being started is told when it is needed.
    }
  }

  /**
   * Hands its process and its channel over, once.
   * @param cwd the real path of the working directory
   * @returns false when it is not what this command would start there, or has died; then it has ended
   */
  take(command: ZygoteCommand, cwd: string | undefined): boolean {
    const isSame = this.#isOpen && cwd === this.#cwd && isDeepStrictEqual(command, this.#command);
    if (!isSame || !this.#isAlive()) {
      this.discard();
      return false;
    }
    this.#release();
    return true;
  }

  /** Ends it, unless it was handed over. */
  discard(): void {
    if (!this.#isOpen) return;
    this.#release();
    discard(this.channelFd);
    if (!this.#isAlive()) return;
    kill(this.pid, 'SIGKILL');
    waitpid(this.pid);
  }

  #release(): void {
    this.#isOpen = false;
    process.off('exit', this.#end);
  }

  /** By waitpid(2), which reaps it if it has ended: where it was reaped, its number may be that of another process. */
  #isAlive(): boolean {
    try {
      return waitpid(this.pid, { nohang: true }) === undefined;
    } catch {
      return false;
    }
  }
}

/** Whether arguments and environment name a setting by which the zygote is started in another way, or not at all. */
export function isStartedOtherwise(args: readonly string[], env: NodeJS.ProcessEnv): boolean {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  return own.some((arg) => FLAGS.test(arg)) || VARIABLES.some((name) => env[name] !== undefined);
}

function launchVariable({ ownVariables }: ZygoteCommand, channelFd: number): NodeJS.ProcessEnv {
  const launch: EarlyLaunch = { monitor: process.pid, channelFd, ownVariables };
  return { [VARIABLE]: JSON.stringify(launch) };
}

/** The last argument makes room for the title of the process, which is written over them. */
function commandLine({ flags, program }: ZygoteCommand): string[] {
  const room = '-'.repeat(Math.min(process.argv.join().length + process.cwd().length, MAX_TITLE_LENGTH));
  return [process.argv0, ...flags, program, room];
}
