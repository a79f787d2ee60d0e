import type { Snapshot, WorkerSnapshot } from '../../../src/scoreboard/index.js';
import { collect, type HistoryPoint, type Status, type Usage } from '../../../src/status/index.js';

export const NOW = Date.UTC(2030, 0, 2, 3, 4, 5);
const MIB = 2 ** 20;
export const USAGE: Usage = { pss: 10 * MIB, rss: 30 * MIB, private: 5 * MIB, cpu: 1500 };

export function sampleWorker(slot: number, changes: Partial<WorkerSnapshot> = {}): WorkerSnapshot {
  return {
    record: slot,
    state: 'ready',
    pid: 200 + slot,
    slot,
    generation: 2,
    connections: 3,
    accepted: 40,
    requests: 5000,
    startedAt: NOW - 61_000,
    silence: 100,
    loopDelay: 12,
    busy: 0.25,
    ...changes,
  };
}

export function sampleSnapshot(
  changes: Partial<Snapshot['description']> = {},
  workers: readonly WorkerSnapshot[] = [sampleWorker(0), sampleWorker(1)],
): Snapshot {
  const description = {
    version: '1.2.3',
    pid: 100,
    app: '/srv/app.js',
    args: ['--flag'],
    cwd: '/srv',
    startedAt: NOW - 3_600_000,
    generation: 2,
    target: 2,
    stopping: false,
    reload: { state: 'none', generation: 0 } as const,
    zygote: { pid: 101, generation: 2 },
    listeners: [{ address: '127.0.0.1:8080', queued: 1, backlog: 511 }],
    counters: { forked: 4, died: 1, killed: 0, reloads: 1 },
    ...changes,
  };
  return { time: NOW, description, workers };
}

export function sampleStatus(...parts: Parameters<typeof sampleSnapshot>): Status {
  return collect(sampleSnapshot(...parts), () => USAGE);
}

export function samplePoint(changes: Partial<HistoryPoint> = {}): HistoryPoint {
  const counts = { requests: 10, connections: 3, memory: 2 ** 20, loopDelay: 12, ready: 2, forked: 0 };
  return { time: NOW, ...counts, marks: [], ...changes };
}
