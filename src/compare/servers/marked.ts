import { setTimeout as sleep } from 'node:timers/promises';
import { readStat } from '../../proc/process.js';
import { readNumbers, readText } from '../../proc/read.js';

/** The environment variable by which all that was started is found again, also what its parent has left behind. */
export const MARK = 'PREFORK_COMPARE';

/** The living processes that were started under a mark, or forked by these, in ascending order. */
export function marked(mark: string): number[] {
  const wanted = `\0${MARK}=${mark}\0`;
  return (readNumbers('/proc') ?? []).filter(
    (pid) => `\0${readText(`/proc/${pid}/environ`)}`.includes(wanted) && readStat(pid)?.state !== 'zombie',
  );
}

/** Ends them all and waits until they are gone. */
export async function endMarked(mark: string): Promise<void> {
  for (let left = marked(mark); left.length > 0; left = marked(mark)) {
    killAll(left);
    await sleep(10);
  }
}

/** For the end of this process, which can wait for nothing. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
