import { createRequire } from 'node:module';
import { PreforkError } from '../errors.js';
import type { Binding } from './binding-types.js';

const require = createRequire(import.meta.url);

let loaded: Binding | undefined;

/** The addon, loaded on first use: importing prefork on another platform never throws, using it does. */
export function binding(): Binding {
  if (loaded !== undefined) return loaded;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new PreforkError('ERR_PREFORK_UNSUPPORTED', `${process.platform} on ${process.arch}`);
  }
  try {
    loaded = require('../../build/Release/prefork.node') as Binding;
  } catch (cause) {
    throw new PreforkError('ERR_PREFORK_NOT_BUILT', (cause as Error).message, { cause });
  }
  return loaded;
}
