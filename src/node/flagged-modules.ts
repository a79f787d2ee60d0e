import Module from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodeFlag } from './flags.js';

/** Where modules are looked up for. */
interface Lookup {
  require(module: string): unknown;
  import(module: string): Promise<unknown>;
}

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

/** Only code that is compiled for a file imports as that file does. */
function lookupFrom(file: string): Lookup {
  const module = new Module(file) as Module & { _compile(code: string, file: string): void };
  module._compile('exports.require = require; exports.import = (module) => import(module);', file);
  return module.exports;
}
