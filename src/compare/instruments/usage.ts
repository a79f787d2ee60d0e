import { type ProcessorUse, readProcessorUse, readUsage } from '../../proc/usage.js';

/**
 * Begins to measure.
 * @returns a function that tells what the processes of a server have used since, also those that have ended meanwhile
 */
export function meter(server: { members(): readonly number[] }): () => ProcessorUse {
  const read = () => server.members().map(readProcessorUse);
  const before = read();
  return () => {
    const now = read();
    const sum = (uses: ProcessorUse[], what: keyof ProcessorUse) => uses.reduce((total, use) => total + use[what], 0);
    const since = (what: keyof ProcessorUse) => sum(now, what) - sum(before, what);
    return { cpu: since('cpu'), voluntary: since('voluntary'), involuntary: since('involuntary') };
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
