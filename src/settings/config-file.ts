import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { readModule } from './config-module.js';
import { logicalPath } from './paths.js';
import { fromObject, invalid } from './read.js';
import type { Named } from './settings.js';

const NAMES = ['prefork.config.json', 'prefork.config.mjs', 'prefork.config.js'];

export interface ConfigSource {
  /** Where it is looked for, and what its path is relative to: an absolute path, links unresolved. */
  readonly folder: string;
  /** Without it, it is one of the usual names, where there is one. */
  readonly path: string | undefined;
  /** What its path is shown relative to. */
  readonly startedIn: string;
}

/**
 * What the config file says, read anew at each call.
 * @throws PreforkError ERR_PREFORK_INVALID_OPTION
 */
export function readConfig({ folder, path, startedIn }: ConfigSource): Partial<Named> {
  const usual = () => NAMES.map((name) => join(folder, name)).find((file) => existsSync(file));
  const file = path === undefined ? usual() : logicalPath(folder, path);
  if (file === undefined) return {};
  const shown = shortened(file, startedIn);
  const config = load(file, folder, shown);
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw invalid(`the config file ${shown} must hold an object${isJson(file) ? '' : ', as its default export'}`);
  }
  const settings = fromObject(config, ` in ${shown}`);
  // From the file's own folder on, wherever the command runs.
  return settings.cwd === undefined ? settings : { ...settings, cwd: logicalPath(dirname(file), settings.cwd) };
}

function load(file: string, folder: string, shown: string): unknown {
  try {
    // Editors of other systems begin a text with a byte order mark, which JSON does not have.
    return isJson(file) ? JSON.parse(readFileSync(file, 'utf8').replace(/^\ufeff/, '')) : readModule(file, folder);
  } catch (cause) {
    throw invalid(`cannot load the config file ${shown}: ${(cause as Error).message}`, { cause });
  }
}

function isJson(file: string): boolean {
  return extname(file) === '.json';
}

function shortened(file: string, folder: string): string {
  const path = relative(folder, file);
  return path === '' || path.startsWith('..') ? file : path;
}
