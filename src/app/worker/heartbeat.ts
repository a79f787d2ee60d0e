import { performance } from 'node:perf_hooks';
import { getpid } from '../../posix/index.js';
import { monotonicNow, type WorkerRecord } from '../../scoreboard/index.js';
import type { ListenerHandle } from '../listening/listener-handle.js';
import { followMonitor } from '../parent-death.js';
import type { Clients } from '../serving/clients.js';
import type { HttpTraffic } from '../serving/http.js';
import type { WorkerMemory } from './worker-memory.js';

/** How often a worker shows on the scoreboard that its event loop turns, in milliseconds. */
const HEARTBEAT_MS = 500;

export interface Reporting {
  readonly clients: Clients;
  readonly traffic: HttpTraffic;
  readonly listening: { readonly handles: Iterable<ListenerHandle> };
  readonly options: { readonly monitor: number };
}

/**
 * In a worker: keeps its record up to date.
 * @returns stops the heartbeat
 */
export function keepRecord(
  { clients, traffic, listening, options }: Reporting,
  record: WorkerRecord,
  memory: Pick<WorkerMemory, 'look'>,
): () => void {
  let before = performance.eventLoopUtilization();
  let last = performance.now();
  const pid = getpid();
  const beat = () => {
    if (getpid() !== pid) return clearInterval(timer); // The app has forked: the record is its parent's.
    const now = performance.now();
    record.heartbeat = monotonicNow();
    record.loopDelay = Math.max(0, now - last - HEARTBEAT_MS);
    const busy = performance.eventLoopUtilization(before).utilization;
    record.busy = busy;
    before = performance.eventLoopUtilization();
    last = now;
    memory.look({ now, requests: record.requests, busy });
    for (const handle of listening.handles) handle.rearm();
    followMonitor(options.monitor); // Native code may have changed the user.
  };
  record.heartbeat = monotonicNow();
  const timer = setInterval(beat, HEARTBEAT_MS).unref();
  traffic.onRequest = () => {
    record.requests++;
  };
  clients.onChange(() => {
    record.connections = clients.size;
    record.accepted = clients.accepted;
  });
  return () => clearInterval(timer);
}
