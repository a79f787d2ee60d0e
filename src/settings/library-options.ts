import { fileURLToPath } from 'node:url';
import { fromObject, invalid } from './read.js';
import type { Named, ServeOptions, Settings } from './settings.js';

/** What serve() was called with, checked: plain data, for the monitor. */
export interface LibraryOptions {
  readonly settings: Partial<Named>;
  /** The config file. */
  readonly config: string | undefined;
}

interface Read extends Pick<Settings, 'app' | 'args'> {
  readonly options: LibraryOptions;
}

/** @throws PreforkError ERR_PREFORK_INVALID_OPTION */
export function readOptions({ app, args = [], config, env: _, ...rest }: ServeOptions): Read {
  const settings = fromObject(rest);
  const options = { settings, config: config === undefined ? undefined : String(config) };
  return { app: pathOf(app), args, options };
}

function pathOf(app: unknown): string {
  if (app instanceof URL) return fileURLToPath(app);
  if (typeof app === 'string' && app !== '') return app;
  throw invalid("app must be the app's path or file: URL");
}
