import { findMain } from '../node/main-module.js';
import { logicalPath } from '../settings/index.js';

/**
 * Fails, in one line, where Node would with a stack.
 * @param what how the script is called in the error
 * @param folder what its path is relative to
 */
export function checkScript(script: string, what: string, folder = process.cwd()): void {
  const path = logicalPath(folder, script);
  try {
    findMain(path);
  } catch (cause) {
    throw new Error(`cannot find the ${what} ${path}; the path is relative to ${folder}`, { cause });
  }
}
