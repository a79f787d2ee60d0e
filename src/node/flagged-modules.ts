import Module from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodeFlag } from './flags.js';
import { lookupFrom } from './import-module.js';

/**
 * Runs, in a worker that loads the app itself, the modules that Node's flags name, in Node's order: what is required,
 * then the loaders, then what is imported. Workers (worker_threads) of the app, which under plain node would run them
 * too, do not.
 */
export async function runFlaggedModules(flags: readonly CodeFlag[]): Promise<void> {
  const modules = (kind: CodeFlag['kind']) => flags.filter((flag) => flag.kind === kind).map(({ module }) => module);
  // A path or package is meant as a file in the working directory would mean it.
  const file = join(process.cwd(), '[flags]');
  const here = lookupFrom(file);
  for (const module of modules('require')) here.require(module);
  for (const module of modules('loader')) Module.register(module, pathToFileURL(file));
  for (const module of modules('import')) await here.import(module);
}
