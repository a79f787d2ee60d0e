export { PreforkError, type PreforkErrorCode } from './errors.js';
export * as posix from './posix/index.js';
