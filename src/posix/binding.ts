import { existsSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { PreforkError } from '../errors.js';
import { packageFile } from '../util/package-files.js';
import type { Binding } from './binding-types.js';
import { type CLibrary, cLibrary } from './c-library.js';

const require = createRequire(import.meta.url);
/** Built from source on this machine: in a checkout, or by the install script where no prebuilt addon loads. */
const BUILT = packageFile('build/Release/prefork.node');
/** By C library, the processors that fork was tried on; the packed package brings an addon along for each. */
const TRIED: Readonly<Record<CLibrary, readonly string[]>> = { glibc: ['x64', 'arm64'], musl: ['x64'], other: [] };

let loaded: Binding | undefined;

/** Another build of the addon, such as one with a sanitizer, can take its place. */
export function addonPath(): string {
  if (process.env.PREFORK_ADDON !== undefined) return resolve(process.env.PREFORK_ADDON);
  if (existsSync(BUILT)) return BUILT;
  // musl would load the one for glibc, too: it takes itself for the C library that any addon asks for.
  const prebuilt = packageFile(`prebuilds/linux-${process.arch}${cLibrary() === 'musl' ? '-musl' : ''}/prefork.node`);
  return existsSync(prebuilt) && cLibrary() !== 'other' ? prebuilt : BUILT;
}

/** The addon, loaded on first use: importing prefork on another platform never throws, using it does. */
export function binding(): Binding {
  if (loaded !== undefined) return loaded;
  if (process.env.PREFORK_PLATFORM === 'cluster') {
    throw new PreforkError('ERR_PREFORK_UNSUPPORTED', 'taken for another platform, by PREFORK_PLATFORM=cluster');
  }
  if (process.platform !== 'linux' || !TRIED.glibc.includes(process.arch)) {
    throw new PreforkError('ERR_PREFORK_UNSUPPORTED', `${process.platform} on ${process.arch}`);
  }
  const missing = whatProcLacks();
  if (missing !== undefined) throw new PreforkError('ERR_PREFORK_PROC', missing);
  if (process.env.PREFORK_ALLOW_MUSL !== '1' && !TRIED[cLibrary()].includes(process.arch)) {
    throw new PreforkError('ERR_PREFORK_UNTESTED');
  }
  try {
    // Copied, since the engine looks up by hash, at every call, what native code has put on an object.
    loaded = { ...(require(addonPath()) as Binding) };
  } catch (cause) {
    throw new PreforkError('ERR_PREFORK_NOT_BUILT', (cause as Error).message, { cause });
  }
  return loaded;
}

/** Why this platform cannot fork; undefined where it can. */
export function whyNoFork(): PreforkError | undefined {
  try {
    binding();
    return undefined;
  } catch (error) {
    if (error instanceof PreforkError) return error;
    throw error;
  }
}

/** A /proc of another PID namespace has other numbers for this process's threads: a fork would not see them. */
function whatProcLacks(): string | undefined {
  try {
    return readlinkSync('/proc/self') === `${process.pid}` ? undefined : 'is that of another PID namespace';
  } catch (error) {
    // Node's --permission may forbid the look; what needs /proc says so then.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not mounted' : undefined;
  }
}
