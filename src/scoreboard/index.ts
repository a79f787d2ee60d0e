export type { Description } from './check-description.js';
export type { Header } from './header.js';
export { monotonicNow, type WorkerRecord, type WorkerState } from './record.js';
export { attachReport, createReport } from './report.js';
export { Scoreboard } from './scoreboard.js';
export { findServers, isMonitor, type OwnedHeader, readHeader, readServer } from './servers.js';
export { type Snapshot, takeSnapshot, type WorkerSnapshot } from './snapshot.js';
