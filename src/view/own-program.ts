import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Figure } from '../figure/figure.js';
import { starterVariable } from '../posix/starter.js';
import { readStat } from '../proc/process.js';
import { packageFile } from '../util/package-files.js';

const PROGRAM = packageFile('dist/cli/main.js');
/** What servers say when they listen: `prefork echo`, and `prefork start`, which logs it to its standard error. */
const READY = /^Listening on|: serving on /;
/** Milliseconds for a program to end by itself. */
const KILL_TIMEOUT_MS = 3000;

export interface OwnProgramOptions {
  /** prefork's arguments. */
  readonly arguments: readonly string[];
  /** Where its standard output goes: it is read for the line that says it listens, or it is a descriptor. */
  readonly output: 'ready' | number;
  /** Takes each line that it prints, when it is read. */
  readonly print?: (line: string) => void;
  /** Told how it has ended ('status 0', 'SIGKILL'), and the last that it has said on its standard error. */
  readonly ended?: (how: string, said: string) => void;
}

/** A program that the view has started itself, with all processes that have ever been seen of it. */
export class OwnProgram {
  readonly #options: OwnProgramOptions;
  /** Start times by pid: they tell a process from a later one with the same pid. */
  readonly #seen = new Map<number, number>();
  #child: ChildProcess | undefined;

  constructor(options: OwnProgramOptions) {
    this.#options = options;
  }

  /** Resolves when it listens, or just runs. @throws when it ends before, with what it said */
  async start(): Promise<void> {
    if (this.#child !== undefined) throw new Error('the program runs already');
    const { arguments: args, output, ended, print } = this.#options;
    const stdio: StdioOptions = ['ignore', output === 'ready' ? 'pipe' : output, 'pipe'];
    // Ctrl-C is for the view, which then ends it.
    const env = { ...process.env, ...starterVariable() };
    const child = spawn(process.execPath, [PROGRAM, ...args], { stdio, detached: true, env });
    this.#child = child;
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-1000);
    });
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      ended?.(signal ?? `status ${code}`, said);
    });
    await new Promise<void>((resolve, reject) => {
      child.once('error', (error) => {
        if (child.pid === undefined) this.#child = undefined; // It could not be spawned, and will not exit.
        reject(error);
      });
      child.once('exit', () =>
        reject(new Error(`prefork ${args[0]} has ended: ${said.trim().replace(/^prefork: /, '')}`)),
      );
      if (output !== 'ready') return child.once('spawn', resolve);
      for (const input of [child.stdout, child.stderr] as Readable[]) {
        createInterface({ input }).on('line', (line) => {
          print?.(line);
          if (READY.test(line)) resolve();
        });
      }
    });
    const start = child.pid && readStat(child.pid)?.startTime;
    if (child.pid && start) this.#seen.set(child.pid, start);
  }

  get runs(): boolean {
    return this.#child !== undefined;
  }

  /** All that are alive, also children that their parent has left behind. */
  roots(): number[] {
    for (const pid of this.#seen.keys()) if (!this.#isAlive(pid)) this.#seen.delete(pid);
    return [...this.#seen.keys()];
  }

  saw({ processes }: Figure): void {
    for (const { pid, start } of processes) this.#seen.set(pid, start);
  }

  has(pid: number, start: number): boolean {
    return this.#seen.get(pid) === start && this.#isAlive(pid);
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child !== undefined) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      // A stopped process takes no SIGTERM before it goes on.
      for (const pid of this.roots()) tryKill(pid, 'SIGCONT');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), KILL_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
    }
    for (const pid of this.roots()) tryKill(pid, 'SIGKILL');
  }

  #isAlive(pid: number): boolean {
    return readStat(pid)?.startTime === this.#seen.get(pid);
  }
}

function tryKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
