export { PreforkError, type PreforkErrorCode } from './errors.js';
export { serve } from './library/serve.js';
export type { MonitorEvent, Service, ServiceEvents } from './library/service.js';
export * as posix from './posix/index.js';
export type { Snapshot } from './scoreboard/index.js';
export type { Config, ServeOptions } from './settings/index.js';
