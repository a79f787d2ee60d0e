import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { ToldError, Turn } from '../channel/messages.js';
import { ownInterval } from '../node/timers.js';

/** How often a process that waits for a turn asks, in milliseconds, for all the turns together that it waits for. */
const ASK_AGAIN_MS = 50;

export interface OnceOptions {
  /** Asks the monitor, and waits for its word. */
  readonly ask: (name: string) => Turn;
  /** Tells it how the function of this process has ended. */
  readonly ended: (name: string, error: ToldError | undefined) => void;
}

/** Runs what one worker of a generation is to run first, while the others wait; in the zygote all wait for the fork. */
export class OnceGate {
  readonly #options: OnceOptions;
  readonly #waiting: (() => void)[] = [];
  /** Keeps the event loop alive for those that wait. */
  readonly #awake = ownInterval(() => {}, 2 ** 31 - 1);
  #open = false;
  /** How many wait for another worker. */
  #asking = 0;

  constructor(options: OnceOptions) {
    this.#options = options;
  }

  /** How many wait for the fork. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** To be called in a worker: from here on it may ask for its turn. */
  open(): void {
    this.#open = true;
    clearInterval(this.#awake);
    for (const proceed of this.#waiting.splice(0)) proceed();
  }

  /** Runs it, or waits until another worker has. @throws its error, wherever it ran */
  async run(name: string, fn: () => unknown): Promise<void> {
    if (!this.#open) await this.#fork();
    for (;;) {
      const turn = this.#options.ask(name);
      if (turn.turn === 'done') return;
      if (turn.turn === 'failed') throw revived(turn.error, name);
      if (turn.turn === 'run') return this.#take(name, fn);
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    this.#asking++;
    await sleep(ASK_AGAIN_MS * this.#asking);
    this.#asking--;
  }

  async #take(name: string, fn: () => unknown): Promise<void> {
    try {
      await fn();
    } catch (error) {
      this.#options.ended(name, told(error));
      throw error;
    }
    this.#options.ended(name, undefined);
  }

  #fork(): Promise<void> {
    this.#awake.ref();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

function told(error: unknown): ToldError {
  if (!(error instanceof Error)) return { name: 'Error', message: inspect(error) };
  const { name, message, stack, code } = error as NodeJS.ErrnoException;
  const isCode = typeof code === 'string' || typeof code === 'number';
  return {
    name: String(name),
    message: String(message),
    ...(stack !== undefined && { stack: String(stack) }),
    ...(isCode && { code }),
  };
}

/** The other process's stack tells where it happened. */
function revived({ name, message, stack, code }: ToldError, task: string): Error {
  const error = new Error(message);
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  if (code !== undefined) Object.assign(error, { code });
  error.stack = `${stack ?? `${name}: ${message}`}\n    in the worker that ran once(${JSON.stringify(task)})`;
  return error;
}
