import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { type EarlyLaunch, VARIABLE } from '../channel/launch.js';
import { whyNoFork } from '../posix/binding.js';
import { discard, setCloseOnExec } from '../posix/file.js';
import { kill, spawn, waitpid } from '../posix/process.js';
import { socketpair } from '../posix/socket.js';
import { hasContext } from './start-context.js';
import { type ZygoteCommand, zygoteCommand } from './zygote-command.js';

const PROGRAM = fileURLToPath(new URL('../app/zygote-run.cjs', import.meta.url));
/** Arguments by which it is known that the zygote will be started otherwise, or not at all. */
const OTHERWISE = /^(-h|--(help|user|rlimit|cwd|no-preload|preload=))/;
/** Variables by which it is. */
const VARIABLES = ['PREFORK_USER', 'PREFORK_RLIMIT', 'PREFORK_CWD', 'PREFORK_PRELOAD', 'LISTEN_FDS', 'NOTIFY_SOCKET'];

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
    const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
    const { execArgv, env } = process;
    if (execArgv.length > 0 || env.NODE_OPTIONS || hasContext() || whyNoFork() !== undefined) return undefined;
    if (own.some((arg) => OTHERWISE.test(arg)) || VARIABLES.some((name) => env[name] !== undefined)) return undefined;
    try {
      return new EarlyZygote(
        zygoteCommand({ preload: true, nodeFlags: { argv: [], options: env.NODE_OPTIONS } }, PROGRAM),
      );
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

function launchVariable({ ownVariables }: ZygoteCommand, channelFd: number): NodeJS.ProcessEnv {
  const launch: EarlyLaunch = { monitor: process.pid, channelFd, ownVariables };
  return { [VARIABLE]: JSON.stringify(launch) };
}

/** The last argument makes room for the title of the process, which is written over them. */
function commandLine({ flags, program }: ZygoteCommand): string[] {
  const room = '-'.repeat(Math.min(process.argv.join().length + process.cwd().length, MAX_TITLE_LENGTH));
  return [process.argv0, ...flags, program, room];
}
