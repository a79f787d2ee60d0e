import {
  examineChildren,
  examineHooks,
  examineRandomPools,
  examineServers,
  examineThreads,
  examineTimers,
  examineWatchers,
  examineWorkers,
} from './activity.js';
import type { Finding } from './finding.js';
import type { Recording } from './recording.js';
import { examineSockets } from './sockets.js';

export interface ExamineOptions {
  /** Descriptors that are the runtime's own. */
  readonly ignore?: readonly number[];
}

/** What a fork would share just now, or have go on in every worker; what refuses it first. */
export function examine(recording: Recording, { ignore = [] }: ExamineOptions = {}): Finding[] {
  return [
    ...examineWorkers(recording),
    ...examineHooks(recording),
    ...examineSockets(recording, ignore),
    ...examineServers(),
    ...examineTimers(),
    ...examineWatchers(recording),
    ...examineChildren(recording),
    ...examineThreads(recording),
    ...examineRandomPools(),
  ].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

const ORDER: readonly Finding['severity'][] = ['refusal', 'warning', 'note'];
