import { readNumbers, readText } from '../../proc/read.js';
import { cpuTime, readUsage } from '../../proc/usage.js';

/** What processes have used. */
export interface Used {
  /** Processor time, in milliseconds. */
  readonly cpu: number;
  /** Context switches, voluntary and not. */
  readonly switches: number;
}

/**
 * Begins to measure.
 * @returns a function that tells what all threads of these processes have used since, also those that began meanwhile
 */
export function meter(pids: readonly number[]): () => Used {
  const before = threadsOf(pids);
  return () => {
    let [cpu, switches] = [0, 0];
    for (const [tid, now] of threadsOf(pids)) {
      const then = before.get(tid);
      cpu += now.cpu - (then?.cpu ?? 0);
      switches += now.switches - (then?.switches ?? 0);
    }
    return { cpu, switches };
  };
}

/** The memory of processes together, in MB: pages that they share counted once. @throws Error where it may not be read */
export function familyMemory(pids: readonly number[]): number {
  let bytes = 0;
  for (const pid of pids) {
    const usage = readUsage(pid);
    if (usage === null) throw new Error(`/proc/${pid}/smaps_rollup may not be read`);
    bytes += usage?.pss ?? 0;
  }
  return bytes / 1e6;
}

function threadsOf(pids: readonly number[]): Map<number, Used> {
  const folders = pids.flatMap((pid) => (readNumbers(`/proc/${pid}/task`) ?? []).map((tid) => [pid, tid] as const));
  return new Map(
    folders.flatMap(([pid, tid]) => {
      const used = usedBy(`/proc/${pid}/task/${tid}`);
      return used === undefined ? [] : [[tid, used]];
    }),
  );
}

/** Of a thread; undefined when it has ended. proc_pid_status(5). */
function usedBy(folder: string): Used | undefined {
  const status = readText(`${folder}/status`);
  const stat = readText(`${folder}/stat`);
  if (!status || !stat) return undefined;
  const switches = [...status.matchAll(/^(?:non)?voluntary_ctxt_switches:\s*(\d+)$/gm)].map(([, count]) =>
    Number(count),
  );
  // Nanoseconds, where the kernel keeps them: it counts in ticks of 10 ms otherwise.
  const exact = readText(`${folder}/schedstat`);
  return {
    cpu: exact ? Number.parseInt(exact, 10) / 1e6 : cpuTime(stat),
    switches: switches.reduce((sum, count) => sum + count, 0),
  };
}
