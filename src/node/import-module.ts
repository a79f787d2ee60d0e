import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { CODE_FOLDER } from '../util/package-files.js';

/** Where modules are looked up for. */
interface Lookup {
  require(module: string): unknown;
  import(module: string): Promise<unknown>;
}

/**
 * Finds modules as the code of a file finds them. Node has createRequire() for require(), and nothing for import(), which
 * only code that Node has compiled for the file calls as the file does.
 * @param file its absolute path; the file need not exist
 */
export function lookupFrom(file: string): Lookup {
  const module = new Module(file) as Module & { _compile(code: string, file: string): void };
  module._compile('exports.import = (module) => import(module);', file);
  return { require: createRequire(file), import: module.exports.import };
}

/** import() for programs that program.cts loads: they are scripts of node:vm, which cannot call it without a warning. */
export function importModule(url: string): Promise<unknown> {
  return lookupFrom(join(CODE_FOLDER, '[import]')).import(url);
}
