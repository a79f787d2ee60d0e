export { openConnects, placed } from './connects.js';
export { type ExamineOptions, examine } from './examine.js';
export type { Finding, Severity } from './finding.js';
export { pending, unsettled, withoutServer } from './pending.js';
export { type Recording, startRecording } from './recording.js';
