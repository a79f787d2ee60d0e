import type { Description } from './check-description.js';
import { monotonicNow, type WorkerState } from './record.js';
import type { Scoreboard } from './scoreboard.js';

/** A worker's record as it was at one time. */
export interface WorkerSnapshot {
  readonly record: number;
  readonly state: Exclude<WorkerState, 'free'>;
  readonly pid: number;
  readonly slot: number;
  readonly generation: number;
  readonly connections: number;
  readonly accepted: number;
  readonly requests: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds since its event loop last turned; null before the first time. */
  readonly silence: number | null;
  /** Milliseconds. */
  readonly loopDelay: number;
  /** 0 to 1. */
  readonly busy: number;
}

export interface Snapshot {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly description: Description;
  /** By slot; of one slot, the younger generation first. */
  readonly workers: readonly WorkerSnapshot[];
}

/** @throws when the monitor has not described the server yet */
export function takeSnapshot(board: Scoreboard): Snapshot {
  const description = board.description;
  if (description === undefined) throw new Error('the server has not started yet');
  const workers: WorkerSnapshot[] = [];
  for (let index = 0; index < board.size; index++) {
    const worker = snapshotOf(board, index);
    if (worker !== undefined) workers.push(worker);
  }
  workers.sort((a, b) => a.slot - b.slot || b.generation - a.generation || a.record - b.record);
  return {
    time: Date.now(),
    description: { ...description, stopping: description.stopping || board.stopping },
    workers,
  };
}

function snapshotOf(board: Scoreboard, index: number): WorkerSnapshot | undefined {
  const record = board.record(index);
  const { state, heartbeat } = record;
  if (state === 'free') return undefined;
  return {
    record: index,
    state,
    pid: record.pid,
    slot: record.slot,
    generation: record.generation,
    connections: finite(record.connections),
    accepted: finite(record.accepted),
    requests: finite(record.requests),
    startedAt: finite(record.startedAt),
    silence: heartbeat === 0 ? null : Math.max(0, monotonicNow() - finite(heartbeat)),
    loopDelay: finite(record.loopDelay),
    busy: finite(record.busy),
  };
}

/** A figure of any process: JSON knows no other numbers. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
