import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { PreforkError } from '../errors.js';
import type { Binding } from './binding-types.js';

const require = createRequire(import.meta.url);
const BUILT = join(import.meta.dirname, '../../build/Release/prefork.node');

let loaded: Binding | undefined;

/** Another build of the addon, such as one with a sanitizer, can take its place. */
export function addonPath(): string {
  return resolve(process.env.PREFORK_ADDON ?? BUILT);
}

/** The addon, loaded on first use: importing prefork on another platform never throws, using it does. */
export function binding(): Binding {
  if (loaded !== undefined) return loaded;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new PreforkError('ERR_PREFORK_UNSUPPORTED', `${process.platform} on ${process.arch}`);
  }
  try {
    // Copied, since the engine looks up by hash, at every call, what native code has put on an object.
    loaded = { ...(require(addonPath()) as Binding) };
  } catch (cause) {
    if (!hasGlibc()) throw new PreforkError('ERR_PREFORK_UNSUPPORTED', 'Linux with another C library');
    throw new PreforkError('ERR_PREFORK_NOT_BUILT', (cause as Error).message, { cause });
  }
  return loaded;
}

function hasGlibc(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}
