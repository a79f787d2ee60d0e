import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fromObject, invalid } from './read.js';
import type { Named } from './settings.js';

const NAMES = ['prefork.config.json', 'prefork.config.mjs', 'prefork.config.js'];

/**
 * What the config file says.
 * @param folder where it is looked for, and what its path is relative to
 * @param path without it, one of the usual names, where there is one
 * @throws PreforkError ERR_PREFORK_INVALID_OPTION
 */
export async function readConfig(folder: string, path?: string): Promise<Partial<Named>> {
  const file = path === undefined ? NAMES.map((name) => join(folder, name)).find(existsSync) : resolve(folder, path);
  if (file === undefined) return {};
  const shown = shortened(file);
  const config = await load(file).catch((cause: Error) => {
    throw invalid(`cannot load the config file ${shown}: ${cause.message}`, { cause });
  });
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw invalid(`the config file ${shown} must hold an object${isJson(file) ? '' : ', as its default export'}`);
  }
  const settings = fromObject(config, ` in ${shown}`);
  // From the file's own folder on, wherever the command runs.
  return settings.cwd === undefined ? settings : { ...settings, cwd: resolve(dirname(file), settings.cwd) };
}

async function load(file: string): Promise<unknown> {
  if (isJson(file)) return JSON.parse(readFileSync(file, 'utf8'));
  return (await import(pathToFileURL(file).href)).default;
}

function isJson(file: string): boolean {
  return extname(file) === '.json';
}

function shortened(file: string): string {
  const path = relative('.', file);
  return path.startsWith('..') ? file : path;
}
