import { type ProcessorUse, readProcessorUse, readUsage } from '../../proc/usage.js';

/**
 * Begins to measure.
 * @returns a function that tells what the processes of a server have used since, also those that have ended meanwhile
 */
export function meter(server: { members(): readonly number[] }): () => ProcessorUse {
  const total = () =>
    server
      .members()
      .map(readProcessorUse)
      .reduce((sum, use) => added(sum, use, 1), NOTHING);
  const before = total();
  return () => added(total(), before, -1);
}

const NOTHING: ProcessorUse = { cpu: 0, voluntary: 0, involuntary: 0 };

function added(one: ProcessorUse, other: ProcessorUse, sign: number): ProcessorUse {
  return {
    cpu: one.cpu + sign * other.cpu,
    voluntary: one.voluntary + sign * other.voluntary,
    involuntary: one.involuntary + sign * other.involuntary,
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
