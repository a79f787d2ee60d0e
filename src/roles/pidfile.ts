import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';

/** Writes this process's id there. @returns what takes the file away again, if it is still this process's */
export function writePidfile(path: string | undefined): () => void {
  if (path === undefined) return () => {};
  const own = `${process.pid}\n`;
  writeFileSync(path, own);
  return () => {
    try {
      if (readFileSync(path, 'utf8') === own) unlinkSync(path);
    } catch {
      // Somebody has taken it away.
    }
  };
}
