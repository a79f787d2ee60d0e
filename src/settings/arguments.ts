import { fileURLToPath } from 'node:url';
import { fromObject, invalid } from './read.js';
import type { Name, Named, ServeOptions } from './settings.js';
import { flagOf, NAMES, TABLE } from './table.js';

/**
 * The arguments of `prefork start` that say what these options say.
 * @throws PreforkError ERR_PREFORK_INVALID_OPTION
 */
export function toArguments({ app, args = [], config, env: _, ...rest }: ServeOptions): string[] {
  const settings = fromObject(rest);
  const flags = NAMES.flatMap((name) => flagsFor(name, settings));
  return [...(config === undefined ? [] : [`--config=${config}`]), ...flags, '--', pathOf(app), ...args];
}

function flagsFor(name: Name, settings: Partial<Named>): string[] {
  const { kind, inverted = false } = TABLE[name];
  const value = settings[name];
  if (value === undefined) return [];
  const flag = `--${flagOf(name)}`;
  if (Array.isArray(value))
    return value.length > 0 ? value.map((each) => `${flag}=${kind.item?.write(each)}`) : [`${flag}=`];
  return [`${flag}=${kind.write((inverted ? !value : value) as never)}`];
}

function pathOf(app: unknown): string {
  if (app instanceof URL) return fileURLToPath(app);
  if (typeof app === 'string' && app !== '') return app;
  throw invalid("app must be the app's path or file: URL");
}
