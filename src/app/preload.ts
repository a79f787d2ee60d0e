import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Loads modules before the app, one after the other, each named as for node --import: a path, or a package. */
export async function preload(modules: readonly string[]): Promise<void> {
  for (const module of modules) await import(urlOf(module));
}

/** As the current folder sees it. */
function urlOf(module: string): string {
  const resolved = createRequire(join(process.cwd(), 'noop.js')).resolve(module);
  return pathToFileURL(resolved).href;
}
