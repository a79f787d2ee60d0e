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
import type { Connects } from './connects.js';
import { examineHeld } from './connects.js';
import type { Diagnostic } from './diagnostic.js';
import { examineNativeCode } from './native.js';
import type { Recording } from './resource-tracker.js';
import { examineSockets } from './sockets.js';
import type { Threads } from './threads.js';

export interface ExamineOptions {
  /** Descriptors that are the runtime's own. */
  readonly ignore?: readonly number[];
  /** It knows where sockets connect to, and which of them wait for the fork. */
  readonly connects?: Connects | undefined;
  /** The app's Workers. */
  readonly threads?: Threads | undefined;
}

/** What a fork would share just now, or have go on in every worker; what refuses it first. */
export function examine(recording: Recording, { ignore = [], connects, threads }: ExamineOptions = {}): Diagnostic[] {
  return [
    ...examineWorkers(recording, threads),
    ...examineHooks(recording),
    ...examineSockets(recording, ignore, connects, threads),
    ...examineServers(threads),
    ...examineTimers((connects?.held.length ?? 0) + (threads?.held.length ?? 0) > 0),
    ...examineWatchers(recording, threads),
    ...examineChildren(recording),
    ...examineNativeCode(),
    ...examineThreads(recording, threads),
    ...examineRandomPools(),
    ...(connects === undefined ? [] : examineHeld(connects, recording, threads)),
  ].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

const ORDER: readonly Diagnostic['severity'][] = ['refusal', 'warning', 'note'];
