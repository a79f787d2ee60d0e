import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { within } from './clients/lines.js';

/** How long strace may take to attach to all and to let go of them, in milliseconds. */
const PATIENCE = 3000;

/** A system call that has returned. */
export interface Call {
  readonly pid: number;
  readonly name: string;
  /** As strace writes it. */
  readonly text: string;
}

/**
 * The system calls that processes make meanwhile, by their names.
 * @returns undefined where there is no strace, or where it may not look
 */
export async function traced(
  pids: readonly number[],
  calls: readonly string[],
  meanwhile: () => Promise<void>,
): Promise<Call[] | undefined> {
  const options = ['-f', '-e', `trace=${calls.join(',')}`, '-e', 'signal=none', '-s', '0'];
  const strace = spawn('strace', [...options, ...pids.flatMap((pid) => ['-p', `${pid}`])], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(strace, 'close').catch(() => {}); // Where there is none.
  const lines: string[] = [];
  const attached = new Promise<boolean>((resolve) => {
    const left = new Set(pids);
    createInterface({ input: strace.stderr }).on('line', (line) => {
      lines.push(line);
      left.delete(Number(/^strace: Process (\d+) attached/.exec(line)?.[1]));
      if (left.size === 0) resolve(true);
    });
    ended.then(() => resolve(false));
  });
  try {
    if (!(await within(PATIENCE, attached))) return undefined;
    await meanwhile();
  } finally {
    strace.kill('SIGINT');
    if (
      (await within(
        PATIENCE,
        ended.then(() => true),
      )) === undefined
    )
      strace.kill('SIGKILL');
  }
  return lines.flatMap((line) => parseCall(line, pids) ?? []);
}

/** '[pid 7] accept4(18, …) = 20', '[pid 7] <... accept4 resumed>, …) = 20'; of one process without its id. */
function parseCall(line: string, [only = 0]: readonly number[]): Call | undefined {
  const [, pid, resumed, started] = /^(?:\[pid +(\d+)\] )?(?:<\.\.\. (\w+) resumed>|(\w+)\()/.exec(line) ?? [];
  const name = resumed ?? started;
  return name === undefined || !/\) += \d/.test(line) ? undefined : { pid: Number(pid ?? only), name, text: line };
}
