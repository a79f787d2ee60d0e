import Module from 'node:module';
import type { Preload } from './preload.js';

/** Runs a script as loadMain() does, once other modules are loaded. */
export function loadMainAfter({ done }: Preload, path: string, file?: string): void {
  done.then(
    () => loadMain(path, file),
    () => {}, // It has failed by itself.
  );
}

/** Parts of Node's own loader that have no interface. */
const loader = Module as unknown as {
  runMain(path: string): void;
  _resolveFilename(path: string, parent: null, isMain: boolean): string;
};

/**
 * The file that Node would run for a main script of this absolute path: links are resolved, an extension may be
 * missing. Node remembers what it has found: a fresh process sees what is there now.
 * @throws Node's own error, with the code MODULE_NOT_FOUND
 */
export function findMain(path: string): string {
  return loader._resolveFilename(path, null, true);
}

/**
 * Runs a script as Node runs its main script: ESM, CommonJS or what else this Node takes.
 * @param path as the app sees it in process.argv
 * @param file what findMain() has found for it, perhaps earlier
 */
export function loadMain(path: string, file = path): void {
  process.argv[1] = path;
  // Outside of any promise: an error is an uncaught exception, shown as Node shows it.
  setImmediate(() => loader.runMain(file));
}
