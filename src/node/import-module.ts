import Module from 'node:module';
import { join } from 'node:path';
import { CODE_FOLDER } from '../util/package-files.js';

/** Where modules are looked up for. */
interface Lookup {
  require(module: string): unknown;
  import(module: string): Promise<unknown>;
}

/** Only code that Node compiles for a file imports as that file does. @param file its absolute path; it need not exist */
export function lookupFrom(file: string): Lookup {
  const module = new Module(file) as Module & { _compile(code: string, file: string): void };
  module._compile('exports.require = require; exports.import = (module) => import(module);', file);
  return module.exports;
}

/** import() for programs that program.cts loads: they are scripts of node:vm, which cannot call it without a warning. */
export function importModule(url: string): Promise<unknown> {
  return lookupFrom(join(CODE_FOLDER, '[import]')).import(url);
}
