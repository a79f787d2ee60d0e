import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { byNameOf, realPath } from '../settings/index.js';

/** A copy of prefork. */
export interface Package {
  readonly name: string;
  /** Its folder, links resolved. */
  readonly root: string;
  readonly version: string;
  /**
   * Copies of one protocol understand each other: what a zygote is started with, the messages of src/channel, and the
   * scoreboard. To be raised, in package.json, with any of these.
   */
  readonly protocol: unknown;
  /** The program of a zygote: a file. */
  readonly zygote: string;
}

/** The copy that a monitor runs, and the path by which it finds the one that its next zygote runs. */
export interface Installation {
  readonly own: Package;
  /** A file of the package, links unresolved. */
  readonly path: string;
}

/**
 * Says how this process was started.
 * @param script Node's main script, which Node has made absolute by the real name of the working directory
 * @param folders those that the service is named by, links unresolved: prefork may be installed behind these links
 */
export function findInstallation(script: string | undefined, folders: readonly string[]): Installation {
  const self = import.meta.filename;
  const own = packageOf(self);
  if (own === undefined) throw new Error(`prefork's own package.json is missing above ${self}; install it anew`);
  // The main script may be somebody else's that has imported prefork's.
  const isOwn = script !== undefined && packageOf(script)?.root === own.root;
  const path = isOwn ? script : self;
  const byName = folders.map((folder) => byNameOf(folder, path)).find((other) => other !== path);
  return { own, path: byName ?? path };
}

/**
 * The program of a zygote that is started now.
 * @returns also what is to be told, where it is not the one that the path leads to
 * @throws Error that says why there is none
 */
export function zygoteProgram({ own, path }: Installation): { readonly program: string; readonly warning?: string } {
  const found = packageOf(path);
  if (found?.name === own.name && found.protocol !== own.protocol) {
    throw new Error(
      `${path} is ${found.name} ${found.version} now, which the running ${own.version} cannot work with; stop the service and start it again`,
    );
  }
  if (found?.name === own.name && existsSync(found.zygote)) return { program: found.zygote };
  const missing = `there is no ${own.name} at ${path} any more`;
  if (existsSync(own.zygote)) return { program: own.zygote, warning: `${missing}; that of ${own.root} is used` };
  throw new Error(`${missing}, nor at ${own.root}; install it, or stop the service and start it again`);
}

/** The package that a file belongs to; undefined where there is none. */
function packageOf(file: string): Package | undefined {
  const real = realPath(file);
  if (real === undefined) return undefined;
  for (let root = dirname(real); ; root = dirname(root)) {
    const manifest = readManifest(root);
    if (manifest !== undefined) {
      const { name, version, zygote } = manifest;
      return { name, root, version, protocol: zygote?.protocol, zygote: join(root, zygote?.program ?? '.') };
    }
    if (root === '/') return undefined;
  }
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly zygote?: { readonly protocol: number; readonly program: string };
}

function readManifest(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
}
