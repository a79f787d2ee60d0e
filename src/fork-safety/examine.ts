import type { ConnectHook } from '../app/connect-hook.js';
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
import { examineHeld } from './connects.js';
import type { Finding } from './diagnostic.js';
import { examineNativeCode } from './native.js';
import type { Recording } from './resource-tracker.js';
import { examineSockets } from './sockets.js';

export interface ExamineOptions {
  /** Descriptors that are the runtime's own. */
  readonly ignore?: readonly number[];
  /** It knows where sockets connect to, and which of them wait for the fork. */
  readonly connects?: ConnectHook | undefined;
}

/** What a fork would share just now, or have go on in every worker; what refuses it first. */
export function examine(recording: Recording, { ignore = [], connects }: ExamineOptions = {}): Finding[] {
  return [
    ...examineWorkers(recording),
    ...examineHooks(recording),
    ...examineSockets(recording, ignore, connects),
    ...examineServers(),
    ...examineTimers((connects?.held.length ?? 0) > 0),
    ...examineWatchers(recording),
    ...examineChildren(recording),
    ...examineNativeCode(),
    ...examineThreads(recording),
    ...examineRandomPools(),
    ...(connects === undefined ? [] : examineHeld(connects, recording)),
  ].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

const ORDER: readonly Finding['severity'][] = ['refusal', 'warning', 'note'];
