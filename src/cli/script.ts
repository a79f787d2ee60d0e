import { createRequire } from 'node:module';
import { resolve } from 'node:path';

/**
 * Fails, in one line, where Node would with a stack: it looks up its main script in the same way.
 * @param what how the script is called in the error
 */
export function checkScript(script: string, what: string, folder = process.cwd()): void {
  const path = resolve(folder, script);
  try {
    createRequire(path).resolve(path);
  } catch (cause) {
    throw new Error(`cannot find the ${what} ${path}; the path is relative to ${folder}`, { cause });
  }
}
