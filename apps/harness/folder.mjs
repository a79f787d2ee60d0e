import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let run;

/** A new folder for temporary files; all of a run's are in one that removeFolders() removes. */
export function newFolder(name) {
  if (run === undefined) {
    run = mkdtempSync(join(tmpdir(), 'prefork-apps-'));
    chmodSync(run, 0o711); // For the ordinary user that the servers run as.
  }
  return mkdtempSync(join(run, `${name}-`));
}

export function removeFolders() {
  // Processes that were just killed may still be writing.
  if (run !== undefined) rmSync(run, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}
