import { Program } from '../program.js';

/** A system call that has returned. */
export interface Call {
  readonly pid: number;
  readonly name: string;
  /** As strace writes it. */
  readonly text: string;
}

/** How long strace may take until it traces all of them. */
const ATTACH_TIMEOUT_MS = 20_000;

/**
 * Has strace(1) count the system calls of processes, all their threads included; they run much slower meanwhile.
 * @returns a function that ends it and tells how many there were
 * @throws Error when there is no strace, or it may not attach
 */
export async function countCalls(pids: readonly number[]): Promise<() => Promise<number>> {
  const end = await attach(['-f', '-c'], pids);
  return async () => sumOfCalls(await end());
}

/**
 * The system calls that processes make meanwhile, by their names.
 * @throws Error as countCalls()
 */
export async function traced(
  pids: readonly number[],
  calls: readonly string[],
  meanwhile: () => Promise<void>,
): Promise<Call[]> {
  const end = await attach(['-f', '-e', `trace=${calls.join(',')}`, '-e', 'signal=none', '-s', '0'], pids);
  await meanwhile().catch(async (error) => {
    await end();
    throw error;
  });
  return (await end()).flatMap((line) => parseCall(line, pids) ?? []);
}

/** Has strace(1) look at processes. @returns a function that ends it and gives all that it has said */
async function attach(options: readonly string[], pids: readonly number[]): Promise<() => Promise<string[]>> {
  // Killing it harms no process: the kernel lets go of what it traced.
  const strace = new Program(['strace', ...options, ...pids.flatMap((pid) => ['-p', pid])], { LC_ALL: 'C' });
  const attached = async () => {
    const left = new Set(pids);
    while (left.size > 0) left.delete(Number((await strace.line(/: Process (\d+) attached/))[1]));
  };
  await strace.ready(attached, ATTACH_TIMEOUT_MS).catch((error) => {
    throw error.code === 'ENOENT' ? new Error('strace is not installed: apt-get install strace') : error;
  });
  return async () => {
    await strace.end('SIGINT');
    return strace.said;
  };
}

/** Adds up the column under the word 'calls' of strace's table, but for its own sum. @throws Error when there is none */
export function sumOfCalls(lines: readonly string[]): number {
  const begin = lines.findIndex((line) => / calls /.test(line));
  if (begin < 0) throw new Error(`strace has counted nothing: ${lines.at(-1)}`);
  const end = (lines[begin] ?? '').indexOf(' calls ') + ' calls'.length;
  return lines
    .slice(begin + 2)
    .filter((line) => /^ *\d/.test(line) && !/ total$/.test(line))
    .reduce((sum, line) => sum + Number(line.slice(0, end).split(' ').at(-1)), 0);
}

/** '[pid 7] accept4(18, …) = 20', '[pid 7] <... accept4 resumed>, …) = 20'; of one process without its id. */
function parseCall(line: string, [only = 0]: readonly number[]): Call | undefined {
  const [, pid, resumed, started] = /^(?:\[pid +(\d+)\] )?(?:<\.\.\. (\w+) resumed>|(\w+)\()/.exec(line) ?? [];
  const name = resumed ?? started;
  return name === undefined || !/\) += \d/.test(line) ? undefined : { pid: Number(pid ?? only), name, text: line };
}
