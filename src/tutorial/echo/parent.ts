import { PreforkError, type PreforkErrorCode } from '../../errors.js';
import { keepingCode } from '../../node/garbage.js';
import { type ChildStatus, fork, getpid, kill, memoryPressureNotification, waitpid } from '../../posix/index.js';
import { ENDINGS, requestShutdown, type Shutdown, shutdownSignal } from '../shutdown.js';
import { Pool, type Respawn } from './respawn.js';
import { ServedChildren } from './served-children.js';

const GAVE_UP_STATUS = 3;
/** How often children that are to end are told so: a SIGTERM can come before a child is ready for it. */
const SHUTDOWN_INTERVAL_MS = 100;
/** Keeps the event loop alive, which signals alone do not. */
const KEEP_ALIVE_INTERVAL_MS = 60_000;
/** Refusals that no second try mends. */
const FINAL: readonly PreforkErrorCode[] = [
  'ERR_PREFORK_UNSUPPORTED',
  'ERR_PREFORK_UNTESTED',
  'ERR_PREFORK_PROC',
  'ERR_PREFORK_NOT_BUILT',
  'ERR_PREFORK_NOT_MAIN_THREAD',
  'ERR_PREFORK_SELF_TEST',
];

/** What a child is given. */
export interface Child {
  readonly pid: number;
  readonly parent: number;
  /** To be called when it serves its first client. */
  readonly served: () => void;
}

export interface ParentOptions {
  readonly workers: number;
  /** The child's whole life. */
  readonly work: (child: Child) => never;
  /** Takes one line about each death, replacement and failure. It must not block. */
  readonly report: (line: string) => void;
}

/** The parent: keeps `workers` children alive until a signal ends it. */
export class Parent {
  readonly #options: ParentOptions;
  readonly #parent = getpid();
  readonly #servedChildren = new ServedChildren();
  readonly #listeners = new Map<NodeJS.Signals, () => void>([['SIGCHLD', () => this.#reap()]]);
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #pool: Pool;
  #shutdown: Shutdown | undefined;
  #end: (status: number) => void = () => {};

  constructor(options: ParentOptions) {
    this.#options = options;
    this.#pool = new Pool(options.workers);
    for (const [signal, status] of Object.entries(ENDINGS) as [keyof typeof ENDINGS, number][]) {
      this.#listeners.set(signal, () => this.#stop(status));
    }
  }

  /**
   * Forks the children and supervises them to the end of all.
   * @param ready called with the children's ids, once they are forked
   * @returns the exit status
   */
  run(ready: (children: number[]) => void): Promise<number> {
    // Before the first fork, so that no child's end goes unnoticed and no signal leaves children behind.
    for (const [signal, listener] of this.#listeners) process.on(signal, listener);
    // What lives is then in pages that the children share; their own collections would otherwise move it about.
    keepingCode(memoryPressureNotification);
    return new Promise((resolve) => {
      for (let slot = 0; slot < this.#options.workers; slot++) this.#fork(slot);
      this.#timers.add(setInterval(() => this.#reap(), KEEP_ALIVE_INTERVAL_MS));
      this.#end = resolve;
      ready(this.#pool.pids);
    });
  }

  #fork(slot: number): number | undefined {
    if (this.#shutdown !== undefined) return;
    let pid: number;
    try {
      pid = fork();
    } catch (error) {
      if (error instanceof PreforkError && FINAL.includes(error.code)) throw error;
      this.#options.report(`fork failed, to be tried again: ${(error as Error).message}`);
      this.#respawn(this.#pool.forkFailed(slot, performance.now()));
      return;
    }
    if (pid === 0) this.#becomeChild();
    this.#pool.forked(slot, pid, performance.now());
    return pid;
  }

  #becomeChild(): never {
    // SIGTERM is to end a child. The others stay with listeners that never run, which is to ignore them: Ctrl-C
    // reaches children as well, and it is the parent that ends them.
    for (const signal of ['SIGTERM', 'SIGCHLD'] as const) process.removeAllListeners(signal);
    const pid = getpid();
    return this.#options.work({ pid, parent: this.#parent, served: () => this.#servedChildren.add(pid) });
  }

  // One SIGCHLD may stand for several children.
  #reap(): void {
    for (;;) {
      let status: ChildStatus | undefined;
      try {
        status = waitpid(-1, { nohang: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ECHILD') throw error;
      }
      if (status === undefined) return;
      // Others than ours may come as well: process 1 inherits orphans.
      if (this.#pool.pids.includes(status.pid)) this.#died(status);
    }
  }

  #died({ pid, code, signal }: ChildStatus): void {
    if (this.#shutdown === undefined) {
      this.#options.report(`Child ${pid} ${signal === null ? `ended with status ${code}` : `was killed by ${signal}`}`);
    }
    this.#respawn(this.#pool.died(pid, this.#servedChildren.take(pid), performance.now()));
    if (this.#shutdown !== undefined) this.#signalChildren(this.#shutdown);
  }

  #respawn(next: Respawn | undefined): void {
    if (next === undefined) return;
    if (next.type === 'give up') this.#giveUp();
    else if (next.delay === 0) this.#replace(next.slot);
    else this.#later(next.delay, () => this.#replace(next.slot));
  }

  #replace(slot: number): void {
    const pid = this.#fork(slot);
    if (pid !== undefined) this.#options.report(`forked child process: ${pid}`);
  }

  #later(delay: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, delay);
    this.#timers.add(timer);
  }

  #giveUp(): void {
    if (this.#shutdown !== undefined) return;
    this.#options.report('giving up: children die as soon as they are forked, again and again');
    this.#stop(GAVE_UP_STATUS);
  }

  #stop(status: number): void {
    if (this.#shutdown === undefined) {
      this.#timers.add(setInterval(() => this.#shutdown && this.#signalChildren(this.#shutdown), SHUTDOWN_INTERVAL_MS));
    }
    this.#shutdown = requestShutdown(this.#shutdown, status, performance.now());
    this.#signalChildren(this.#shutdown);
  }

  // To repeat it does no harm: a child's id is not given to another process until it is reaped here.
  #signalChildren(shutdown: Shutdown): void {
    const signal = shutdownSignal(shutdown, performance.now());
    for (const pid of this.#pool.pids) kill(pid, signal);
    if (this.#pool.pids.length === 0) this.#finish(shutdown.status);
  }

  #finish(status: number): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
    this.#end(status);
  }
}
