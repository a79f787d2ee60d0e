import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readStat } from '../proc/process.js';
import type { Figure } from './figure.js';

/** What is looked at. */
export interface Observed {
  /** The view has started it, and so may act on it. */
  readonly owned: boolean;
  roots(): number[];
  /** Told what has been seen. */
  saw(figure: Figure): void;
  /** @throws when that process is none of this server's, or has ended */
  signal(pid: number, start: number, signal: NodeJS.Signals): void;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Processes that somebody else has started: only looked at. */
export function foreign(roots: readonly number[]): Observed {
  const refuse = () => {
    throw new Error('prefork view acts only on processes that it has started itself');
  };
  return {
    owned: false,
    roots: () => [...roots],
    saw: () => {},
    signal: refuse,
    start: async () => refuse(),
    close: async () => {},
  };
}

const PROGRAM = fileURLToPath(new URL('../cli/main.js', import.meta.url));
/** Milliseconds for the server to end by itself. */
const PATIENCE = 3000;

/** A `prefork echo` of the view's own, with all processes that have ever been seen of it. */
export class OwnServer implements Observed {
  readonly owned = true;
  readonly #arguments: readonly string[];
  /** Start times by pid: they tell a process from a later one with the same pid. */
  readonly #seen = new Map<number, number>();
  #child: ChildProcess | undefined;

  constructor(workers: number) {
    this.#arguments = ['echo', '--host', '127.0.0.1', '--port', '0', '--workers', `${workers}`];
  }

  /** Resolves when it listens. @throws when it ends before, with what it said */
  async start(): Promise<void> {
    if (this.#child !== undefined) throw new Error('the server runs already');
    const child = spawn(process.execPath, [PROGRAM, ...this.#arguments], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // Ctrl-C is for the view, which then ends it.
    });
    this.#child = child;
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    let said = '';
    child.stderr?.on('data', (text) => {
      said = (said + text).slice(-1000);
    });
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout as NodeJS.ReadableStream & ChildProcess['stdout'] & object }).on(
        'line',
        (line) => line.startsWith('Listening on') && resolve(),
      );
      child.once('exit', () => reject(new Error(`prefork echo has ended: ${said.trim()}`)));
      child.once('error', reject);
    });
    const start = child.pid && readStat(child.pid)?.startTime;
    if (child.pid && start) this.#seen.set(child.pid, start);
  }

  /** Also children that their parent has left behind. */
  roots(): number[] {
    return [...this.#alive()];
  }

  saw({ processes }: Figure): void {
    for (const { pid, start } of processes) this.#seen.set(pid, start);
  }

  signal(pid: number, start: number, signal: NodeJS.Signals): void {
    if (this.#seen.get(pid) !== start || !this.#isAlive(pid)) throw new Error(`process ${pid} has ended`);
    process.kill(pid, signal);
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child !== undefined) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      // A stopped process takes no SIGTERM before it goes on.
      for (const pid of this.#alive()) tryKill(pid, 'SIGCONT');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
      await ended;
      clearTimeout(timer);
    }
    for (const pid of this.#alive()) tryKill(pid, 'SIGKILL');
  }

  #alive(): number[] {
    for (const pid of this.#seen.keys()) if (!this.#isAlive(pid)) this.#seen.delete(pid);
    return [...this.#seen.keys()];
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
