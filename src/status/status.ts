import { readUsage, type Usage } from '../proc/usage.js';
import type { Description, Snapshot, WorkerSnapshot } from '../scoreboard/index.js';

export interface ProcessStatus {
  readonly pid: number;
  /** Null where it may not be seen, or is not known yet. */
  readonly usage: Usage | null;
}

export interface WorkerStatus extends WorkerSnapshot {
  readonly usage: Usage | null;
}

/** How a server goes. Times are milliseconds, points in time milliseconds since 1970, memory bytes. */
export interface Status {
  readonly time: number;
  readonly description: Description;
  readonly monitor: ProcessStatus;
  readonly zygote: (ProcessStatus & { readonly generation: number }) | null;
  readonly workers: readonly WorkerStatus[];
  readonly totals: Totals;
}

/** Sums over the processes that live now. */
export interface Totals {
  readonly ready: number;
  readonly connections: number;
  readonly accepted: number;
  readonly requests: number;
  /** With monitor and zygote. */
  readonly pss: number;
  readonly cpu: number;
}

/** Where a process's usage comes from: undefined when it has ended, null when it may not be read. */
export type UsageOf = (pid: number) => Usage | null | undefined;

/** A snapshot with what each process takes; children that have ended since are left out. */
export function collect({ time, description, workers }: Snapshot, usageOf: UsageOf = readUsage): Status {
  const monitor = { pid: description.pid, usage: usageOf(description.pid) ?? null };
  const zygote = withUsage(description.zygote, usageOf) ?? null;
  const alive = workers.flatMap((worker) => withUsage(worker, usageOf) ?? []);
  return { time, description, monitor, zygote, workers: alive, totals: totalsOf(alive, [monitor, zygote]) };
}

/** All processes of a snapshot. */
export function processesOf({ description, workers }: Snapshot): number[] {
  const { pid, zygote } = description;
  return [pid, zygote?.pid ?? 0, ...workers.map((worker) => worker.pid)].filter((process) => process !== 0);
}

function withUsage<T extends { readonly pid: number }>(process: T | null, usageOf: UsageOf) {
  if (process === null) return undefined;
  // A worker that has just been forked has not told its pid yet.
  const usage = process.pid === 0 ? null : usageOf(process.pid);
  return usage === undefined ? undefined : { ...process, usage };
}

function totalsOf(workers: readonly WorkerStatus[], others: readonly (ProcessStatus | null)[]): Totals {
  const all = [...others, ...workers];
  return {
    ready: workers.filter(({ state }) => state === 'ready').length,
    connections: sum(workers, (worker) => worker.connections),
    accepted: sum(workers, (worker) => worker.accepted),
    requests: sum(workers, (worker) => worker.requests),
    pss: sum(all, (process) => process?.usage?.pss ?? 0),
    cpu: sum(all, (process) => process?.usage?.cpu ?? 0),
  };
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
