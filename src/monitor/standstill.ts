import { whatItDoes } from '../proc/waiting.js';
import { monotonicNow } from '../scoreboard/index.js';
import type { Worker } from './processes.js';

/** A worker whose event loop turns says so twice a second: one that has been silent for so many milliseconds does not turn. */
const LATE_MS = 1000;

/** Of a worker whose event loop stands still, what it does instead, to follow a reason; empty of any other. */
export function standstill({ pid, record }: Worker): string {
  if (pid === undefined || monotonicNow() - record.heartbeat < LATE_MS) return '';
  const what = whatItDoes(pid);
  return what === undefined ? '' : `; ${what}`;
}
