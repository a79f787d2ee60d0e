import { missingPrograms, missingText } from './programs.js';

/** Before the first test: what some of them are skipped for. */
export function setup(): void {
  const missing = missingPrograms();
  if (missing.length > 0) console.error(`${missingText(missing)}\nThe tests that need it are skipped.`);
}
