export type { Description } from './description.js';
export type { Header } from './header.js';
export { monotonicNow, type WorkerRecord, type WorkerState } from './record.js';
export { Scoreboard } from './scoreboard.js';
export { findServers, isMonitor, readHeader, readServer } from './servers.js';
export { type Snapshot, takeSnapshot, type WorkerSnapshot } from './snapshot.js';
