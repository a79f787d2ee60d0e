import { type ChildStatus, waitpid } from '../posix/index.js';

/** How many deaths of strangers are remembered: one of them may turn out to be a worker that was not heard of yet. */
const MAX_REMEMBERED = 256;

/** Reaps all children of this process that end: as process 1 it also has those of others. */
export class Reaper {
  readonly #strangers = new Map<number, ChildStatus>();

  /**
   * To be called again, even without a SIGCHLD.
   * @param known takes the end of a process; false when it does not know it
   * @throws what waitpid(2) fails with for another reason than that there is no child
   */
  reap(known: (status: ChildStatus) => boolean): void {
    for (let status = next(); status !== undefined; status = next()) {
      if (known(status)) continue;
      this.#strangers.set(status.pid, status);
      const [oldest] = this.#strangers.keys();
      if (this.#strangers.size > MAX_REMEMBERED && oldest !== undefined) this.#strangers.delete(oldest);
    }
  }

  /** How a process ended that was a stranger then; undefined when it has not. */
  claim(pid: number): ChildStatus | undefined {
    const status = this.#strangers.get(pid);
    this.#strangers.delete(pid);
    return status;
  }
}

// One SIGCHLD may stand for several children.
function next(): ChildStatus | undefined {
  try {
    return waitpid(-1, { nohang: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECHILD') throw error;
    return undefined;
  }
}

/** 'exit status 1', 'SIGKILL' */
export function describeEnd({ code, signal }: ChildStatus): string {
  return signal ?? `exit status ${code}`;
}
