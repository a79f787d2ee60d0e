import { readConfig } from './config-file.js';
import type { LibraryOptions } from './library-options.js';
import { logicalCwd, logicalPath } from './paths.js';
import { type Flags, fromEnvironment, fromFlags } from './read.js';
import type { Named, Settings } from './settings.js';
import { NAMES, TABLE } from './table.js';

export interface Sources extends Pick<Settings, 'app' | 'args'> {
  /** `config` names the config file. */
  readonly flags: Flags;
  /** The options of serve(), which go before the environment as flags do. */
  readonly options?: LibraryOptions | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** What relative paths are relative to: an absolute path, links unresolved. By default the present folder. */
  readonly startedIn?: string;
}

/**
 * The settings from all sources: flags and options go before the environment, that before the config file, and that before
 * the defaults. A list is taken from one of them. The config file is read anew at each call.
 * @throws PreforkError ERR_PREFORK_INVALID_OPTION
 */
export function resolveSettings(sources: Sources): Settings {
  const { app, args, flags, options, env, startedIn = logicalCwd(env.PWD) } = sources;
  const given = { ...fromEnvironment(env), ...fromFlags(flags), ...options?.settings };
  const cwd = given.cwd === undefined ? undefined : logicalPath(startedIn, given.cwd);
  const path = (options?.config ?? flags.config ?? (env.PREFORK_CONFIG || undefined)) as string | undefined;
  const config = readConfig({ folder: cwd ?? startedIn, path, startedIn });
  return { app, args, ...defaults(), ...config, ...given, ...(cwd !== undefined && { cwd }) };
}

/** What holds where no source says anything. */
export function defaults(): Named {
  return Object.fromEntries(NAMES.map((name) => [name, TABLE[name].default])) as unknown as Named;
}
