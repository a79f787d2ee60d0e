import type { Description } from '../scoreboard/index.js';
import { count, duration, mebibytes, milliseconds, percent, rate } from '../util/quantities.js';
import type { Status, WorkerStatus } from './status.js';

// What people read, on a terminal and on the page: this file runs in browsers, too.

/** A loop that has not turned for so many milliseconds is late: workers show twice a second that theirs turns. */
const LATE = 2000;

export function isLate({ silence }: WorkerStatus): boolean {
  return silence !== null && silence > LATE;
}

/** How long the worker's event loop was, or is now, held up, in milliseconds. */
export function delayOf(worker: WorkerStatus): number {
  return isLate(worker) ? (worker.silence ?? 0) : worker.loopDelay;
}

/** Requests per second of each worker, by record, since an earlier status; of new workers since they started. */
export function requestRates(status: Status, earlier: Status | undefined): Map<number, number> {
  const rates = new Map<number, number>();
  if (earlier === undefined || status.time <= earlier.time) return rates;
  const before = new Map(earlier.workers.map((worker) => [worker.record, worker]));
  for (const worker of status.workers) {
    const known = before.get(worker.record);
    const same = known?.pid === worker.pid ? known.requests : 0;
    rates.set(worker.record, Math.max(0, worker.requests - same) / ((status.time - earlier.time) / 1000));
  }
  return rates;
}

/** A worker's row, as text. @param time of the status @param perSecond requests, where they are known */
export function workerCells(worker: WorkerStatus, time: number, perSecond: number | undefined) {
  const { slot, generation, pid, state, connections, accepted, requests, busy, startedAt, usage } = worker;
  return {
    slot: String(slot),
    generation: String(generation),
    pid: pid === 0 ? '–' : String(pid),
    state,
    connections: count(connections),
    accepted: count(accepted),
    requests: count(requests),
    perSecond: rate(perSecond),
    delay: milliseconds(delayOf(worker)),
    busy: percent(busy),
    up: startedAt === 0 ? '–' : duration(time - startedAt),
    memory: mebibytes(usage?.pss),
  };
}

/** The rate of all workers together; undefined where none is known. */
export function totalRate(rates: ReadonlyMap<number, number>): number | undefined {
  return rates.size === 0 ? undefined : [...rates.values()].reduce((sum, value) => sum + value, 0);
}

/** In one or two words: what the service does. */
export function condition({ description, totals }: Status): string {
  if (description.stopping) return 'stopping';
  if (totals.ready === 0) return 'not ready';
  if (description.reload.state === 'running') return 'reloading';
  return totals.ready < description.target ? 'short of workers' : 'serving';
}

interface WithReload {
  readonly description: { readonly reload: Description['reload'] };
}

/** The reload, where there is something to say about it. */
export function reloadText({ description: { reload } }: WithReload): string | undefined {
  if (reload.state === 'running') return `reloading as generation ${reload.generation}`;
  if (reload.state !== 'failed') return undefined;
  return `the reload as generation ${reload.generation} failed${reload.reason ? `: ${reload.reason}` : ''}`;
}
