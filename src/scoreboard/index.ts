export type { Description } from './description.js';
export { monotonicNow, type WorkerRecord, type WorkerState } from './record.js';
export { Scoreboard } from './scoreboard.js';
export { findServers, readServer } from './servers.js';
export { type Snapshot, takeSnapshot, type WorkerSnapshot } from './snapshot.js';
