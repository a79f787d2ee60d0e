import { readNumbers, readText } from '../../proc/read.js';
import { cpuTime, endedChildrenTime, readUsage } from '../../proc/usage.js';

/** What processes have used. */
export interface Used {
  /** Processor time, in milliseconds. */
  readonly cpu: number;
  /** Context switches: of threads that gave the processor up, and of those that it was taken from. */
  readonly voluntary: number;
  readonly involuntary: number;
}

/**
 * Begins to measure.
 * @returns a function that tells what the processes of a server have used since, also those that have ended meanwhile
 */
export function meter(server: { members(): readonly number[] }): () => Used {
  const before = usedBy(server.members());
  return () => {
    const now = usedBy(server.members());
    return {
      cpu: now.cpu - before.cpu,
      voluntary: now.voluntary - before.voluntary,
      involuntary: now.involuntary - before.involuntary,
    };
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

/** All that they have used until now; nothing of those that are gone. */
function usedBy(pids: readonly number[]): Used {
  const total = { cpu: 0, voluntary: 0, involuntary: 0 };
  for (const pid of pids) {
    total.cpu += endedChildrenTime(readText(`/proc/${pid}/stat`) || '');
    for (const tid of readNumbers(`/proc/${pid}/task`) ?? []) {
      const folder = `/proc/${pid}/task/${tid}`;
      const status = readText(`${folder}/status`) || '';
      const count = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)$`, 'm').exec(status)?.[1] ?? 0);
      total.voluntary += count('voluntary_ctxt_switches');
      total.involuntary += count('nonvoluntary_ctxt_switches');
      // Nanoseconds, where the kernel keeps them: it counts in ticks of 10 ms otherwise.
      const exact = readText(`${folder}/schedstat`);
      total.cpu += exact ? Number.parseInt(exact, 10) / 1e6 : cpuTime(readText(`${folder}/stat`) || '');
    }
  }
  return total;
}
