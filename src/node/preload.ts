import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importModule } from './import-module.js';

/** Modules that are loaded before the app is. */
export class Preload {
  /** Resolves when all are loaded: where one waits for a held connect, not before the fork. */
  readonly done: Promise<void>;
  #isDone = false;

  /**
   * Loads them one after the other. One that fails is an uncaught exception.
   * @param modules each named as for node --import: a path, or a package
   */
  constructor(modules: readonly string[]) {
    this.done = this.#load(modules);
    this.done.catch((error) => {
      setImmediate(() => {
        throw error;
      });
    });
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  async #load(modules: readonly string[]): Promise<void> {
    for (const module of modules) await importModule(urlOf(module));
    this.#isDone = true;
  }
}

/** Resolves a module as require() in the current folder would. */
function urlOf(module: string): string {
  const resolved = createRequire(join(process.cwd(), 'noop.js')).resolve(module);
  return pathToFileURL(resolved).href;
}
