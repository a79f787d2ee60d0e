import Module from 'node:module';
import type { Preload } from './preload.js';

/** Runs a script as loadMain() does, once other modules are loaded. */
export function loadMainAfter({ done }: Preload, path: string): void {
  done.then(
    () => loadMain(path),
    () => {}, // It has failed by itself.
  );
}

/** Runs a script as Node runs its main script: ESM, CommonJS or what else this Node takes. */
export function loadMain(path: string): void {
  process.argv[1] = path;
  // Outside of any promise: an error is an uncaught exception, shown as Node shows it.
  setImmediate(() => (Module as unknown as { runMain(path: string): void }).runMain(path));
}
