import type { Finding } from './finding.js';
import type { Recording } from './recording.js';

export interface ExamineOptions {
  /** Descriptors that are the runtime's own. */
  readonly ignore?: readonly number[];
}

/** What a fork would share just now, or have run in every worker. */
export function examine(_recording: Recording, _options: ExamineOptions = {}): Finding[] {
  return [];
}
