/** What to do when the system has no more of something, by the error's name in a message. */
const HINTS: Readonly<Record<string, string>> = {
  EMFILE: 'raise the limit of open files: ulimit -n, LimitNOFILE=',
  ENFILE: 'raise fs.file-max, or look for who holds so many files',
  'fork EAGAIN': 'raise the limit of processes: ulimit -u, TasksMax=, pids.max',
};

/** The message of a failed call, with what to do about it where that is known. */
export function withHint(message: string): string {
  const found = Object.entries(HINTS).find(([name]) => new RegExp(`\\b${name}\\b`).test(message));
  return found === undefined ? message : `${message}; ${found[1]}`;
}

/** A call that fails again and again is told of twice, in words: when it begins to fail, and when that is over. */
export class Trouble {
  #count = 0;
  /** When the first failure of the row was; milliseconds of any steady clock. */
  #since = 0;

  /** @param begins 'cannot fork a worker' @param ends 'forks workers again' */
  constructor(
    readonly begins: string,
    readonly ends: string,
  ) {}

  /** It failed once more. @returns what to tell; undefined when that was told before */
  failed(why: string, now: number): string | undefined {
    this.#count++;
    if (this.#count > 1) return undefined;
    this.#since = now;
    return `${this.begins}: ${why}`;
  }

  /** All is well. @returns what to tell; undefined when nothing had failed */
  over(now: number): string | undefined {
    if (this.#count === 0) return undefined;
    const times = this.#count === 1 ? 'one failure' : `${this.#count} failures`;
    this.#count = 0;
    return `${this.ends}, after ${times} in ${((now - this.#since) / 1000).toFixed(1)} s`;
  }
}
