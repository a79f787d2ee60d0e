import { readdirSync, readFileSync } from 'node:fs';

/** How soon to look again, in milliseconds. */
const TICK = 1;

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
  return readdirSync('/proc/self/task').every((id) => Number(id) === process.pid || stateOf(id) === 'S');
}

/** The name before the last parenthesis may hold anything. */
function stateOf(id: string): string | undefined {
  const text = readFileSync(`/proc/self/task/${id}/stat`, 'latin1');
  return text[text.lastIndexOf(')') + 2];
}
