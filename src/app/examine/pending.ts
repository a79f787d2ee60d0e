import type { Recording } from './recording.js';

/** What keeps the app from becoming quiet, a line each. */
export function pending(_recording: Recording): string[] {
  return process.getActiveResourcesInfo();
}
