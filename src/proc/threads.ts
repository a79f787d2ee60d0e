import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const FOLDER = '/proc/self/task';
/** How soon to look again, in milliseconds. */
const TICK = 1;

/** The names of this process's threads. proc_pid_comm(5) */
export function threadNames(): string[] {
  return readEach('comm').map((name) => name.trim());
}

/** Names the calling thread, in at most 15 bytes; without /proc it keeps its name. proc_pid_comm(5) */
export function nameThread(name: string): void {
  try {
    writeFileSync('/proc/thread-self/comm', name);
  } catch {
    // It is only for those who look.
  }
}

/** The processes that threads of this one have started. proc_pid_task(5) */
export function childPids(): number[] {
  return readEach('children').flatMap((pids) => pids.split(' ').filter(Boolean).map(Number));
}

/** The same file of each thread that has not ended meanwhile. */
function readEach(file: string): string[] {
  return readdirSync(FOLDER).flatMap((id) => {
    try {
      return [readFileSync(`${FOLDER}/${id}/${file}`, 'utf8')];
    } catch {
      return [];
    }
  });
}

/**
 * Blocks until no other thread of this process runs, or is about to. proc_pid_task(5), the state in proc_pid_stat(5).
 * @param timeout in milliseconds
 * @returns false when one still does by then, or where that cannot be seen
 */
export function othersRest(timeout: number): boolean {
  const end = performance.now() + timeout;
  const word = new Int32Array(new SharedArrayBuffer(4));
  try {
    while (!allRest()) {
      if (performance.now() >= end) return false;
      Atomics.wait(word, 0, 0, TICK);
    }
    return true;
  } catch {
    return false; // Without /proc.
  }
}

function allRest(): boolean {
  return readdirSync(FOLDER).every((id) => Number(id) === process.pid || stateOf(id) === 'S');
}

/** The name before the last parenthesis may hold anything. */
function stateOf(id: string): string | undefined {
  const text = readFileSync(`${FOLDER}/${id}/stat`, 'latin1');
  return text[text.lastIndexOf(')') + 2];
}
