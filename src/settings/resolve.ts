import { resolve } from 'node:path';
import { readConfig } from './config-file.js';
import { type Flags, fromEnvironment, fromFlags } from './read.js';
import type { Named, Settings } from './settings.js';
import { NAMES, TABLE } from './table.js';

export interface Sources extends Pick<Settings, 'app' | 'args'> {
  /** `config` names the config file. */
  readonly flags: Flags;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The settings from all sources: the flags go before the environment, that before the config file, and that before
 * the defaults. A list is taken from one of them.
 * @throws PreforkError ERR_PREFORK_INVALID_OPTION
 */
export async function resolveSettings({ app, args, flags, env }: Sources): Promise<Settings> {
  const given = { ...fromEnvironment(env), ...fromFlags(flags) };
  const cwd = given.cwd === undefined ? undefined : resolve(given.cwd);
  const path = flags.config ?? (env.PREFORK_CONFIG || undefined);
  const config = await readConfig(cwd ?? resolve('.'), path as string | undefined);
  return { app, args, ...defaults(), ...config, ...given, ...(cwd !== undefined && { cwd }) };
}

function defaults(): Named {
  return Object.fromEntries(NAMES.map((name) => [name, TABLE[name].default])) as unknown as Named;
}
