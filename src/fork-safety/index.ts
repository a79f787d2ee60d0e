export { openConnects, placed } from './connects.js';
export type { Diagnostic, Severity } from './diagnostic.js';
export { type ExamineOptions, examine } from './examine.js';
export { pending, unsettled, withoutServer } from './pending.js';
export { type Recording, startRecording } from './resource-tracker.js';
