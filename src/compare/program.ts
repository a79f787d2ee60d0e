import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { starterVariable } from '../posix/starter.js';
import { isAlive } from '../proc/process.js';
import { readNumbers, readText } from '../proc/read.js';
import { readParents, treeOf } from '../proc/tree.js';
import { attempt } from '../util/attempt.js';

/** How long a program may take until it is ready. */
const READY_TIMEOUT_MS = 60_000;
/** How long its last words may take when it has ended, but its children still have its output. */
const LAST_WORDS_TIMEOUT_MS = 100;
/** The environment variable by which all that was started is found again, also what its parent has left behind. */
const TAG = 'PREFORK_COMPARE';

const running = new Set<Program>();
// A run that is broken off leaves nothing behind.
process.on('exit', () => {
  for (const program of running) program.kill();
});

/** Has this process end by the signals that break a run off, as a shell's program does. */
export function exitOnSignals(): void {
  for (const [signal, status] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) {
    process.on(signal, () => process.exit(status));
  }
}

/** A program that was started, with all processes that come of it: a server, clients, or what is measured. */
export class Program {
  /** When it was started, by performance.now(). */
  readonly started = performance.now();
  /** The lines of its output and of its errors until now. */
  readonly said: string[] = [];
  readonly #tag = randomUUID();
  readonly #process: ChildProcessWithoutNullStreams;
  /** Rejects when its first process has ended. */
  readonly #ended: Promise<never>;
  readonly #output = new EventEmitter();
  #read = 0;

  /** @param words the command and its arguments @param env what its environment has beside this process's */
  constructor([command = '', ...args]: readonly (string | number)[], env: NodeJS.ProcessEnv = {}) {
    this.#process = spawn(`${command}`, args.map(String), {
      env: { ...process.env, ...env, ...starterVariable(), [TAG]: this.#tag },
    });
    running.add(this);
    const { stdin, stdout, stderr } = this.#process;
    stdin.on('error', () => {}); // It has ended, which #ended tells.
    for (const input of [stdout, stderr]) {
      createInterface({ input }).on('line', (line) => {
        this.said.push(line);
        this.#output.emit('line');
      });
    }
    this.#ended = this.#untilEnded();
    this.#ended.catch(() => {});
  }

  /** The id of its first process. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Writes a line to its input. */
  say(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** The next line that matches, of those that have not been read. @throws Error when it ends first */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      while (this.#read < this.said.length) {
        const match = pattern.exec(this.said[this.#read++] ?? '');
        if (match !== null) return match;
      }
      await Promise.race([once(this.#output, 'line'), this.#ended]);
    }
  }

  /** What `look` gives. @throws Error when the program ends before, or it takes too long: all of it is ended then */
  async ready<T>(look: (late: AbortSignal) => Promise<T>, timeoutMs = READY_TIMEOUT_MS): Promise<T> {
    const end = new AbortController();
    const late = sleep(timeoutMs, undefined, end).then(() => {
      throw new Error(`it was not ready after ${timeoutMs / 1000} s`);
    });
    late.catch(() => {});
    try {
      return await Promise.race([look(end.signal), late, this.#ended]);
    } catch (error) {
      await this.end();
      throw error;
    } finally {
      end.abort();
    }
  }

  /** All its processes now, the first one first while it lives; also those that it has left behind. */
  members(): number[] {
    // Some servers write over their environment, in which the tag is; what their first process has left is not known then.
    const tree = this.#isThere ? treeOf([this.pid], readParents()) : [];
    return [...new Set([...tree, ...taggedWith(this.#tag)])].filter(isAlive);
  }

  /** Kills all of them once. */
  kill(): number[] {
    const signal = (pid: number, name: NodeJS.Signals) => attempt(() => process.kill(pid, name));
    // A first process that went on would replace what is killed.
    if (this.#isThere) signal(this.pid, 'SIGSTOP');
    const members = this.members();
    for (const pid of members) signal(pid, 'SIGKILL');
    return members;
  }

  /** Ends all its processes, and waits until they are gone. @param asked has the first one end by itself, and say so, before */
  async end(asked?: NodeJS.Signals): Promise<void> {
    if (asked !== undefined && this.#process.kill(asked)) await this.#ended.catch(() => {});
    while (this.kill().length > 0) await sleep(10);
    running.delete(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  /** Whether the id is still its own. */
  get #isThere(): boolean {
    const { pid, exitCode, signalCode } = this.#process;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  async #untilEnded(): Promise<never> {
    const exited = once(this.#process, 'exit').then(() => sleep(LAST_WORDS_TIMEOUT_MS));
    await Promise.race([once(this.#process, 'close'), exited]);
    throw new Error(`it has ended: ${complaintIn(this.said.join('\n'))}`);
  }
}

/** The processes that were started under a tag, or forked by these, in ascending order. */
function taggedWith(tag: string): number[] {
  const wanted = `\0${TAG}=${tag}\0`;
  return (readNumbers('/proc') ?? []).filter((pid) => `\0${readText(`/proc/${pid}/environ`)}`.includes(wanted));
}

/** The line in which a program that has failed says why. */
export function complaintIn(output: string): string {
  return /^\w*Error(?: \[\w+\])?: .*$/m.exec(output)?.[0] ?? (output.trim().split('\n').at(-1) || 'it said nothing');
}
