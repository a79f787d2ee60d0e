import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';

/**
 * The present folder as the shell names it, by symbolic links that are not resolved: $PWD where that is a plain
 * absolute path of the folder that this process is in, as pwd(1) has it, or else the kernel's name of it.
 */
export function logicalCwd(pwd: string | undefined): string {
  const isPlain = pwd !== undefined && isAbsolute(pwd) && !pwd.split('/').some((part) => part === '.' || part === '..');
  return isPlain && isSameFile(pwd, '.') ? resolve(pwd) : process.cwd();
}

/**
 * An absolute path whose symbolic links are not resolved, so that it leads to wherever they lead later. What comes
 * before a '..' is resolved, since the kernel goes up from where a link leads, not from where it stands.
 */
export function logicalPath(folder: string, path: string): string {
  const joined = isAbsolute(path) ? path : `${folder}/${path}`;
  const [, up, rest] = /^(.*\/\.\.)(?:\/(.*))?$/s.exec(joined) ?? [];
  const base = up === undefined ? undefined : realPath(up);
  return base === undefined ? resolve(joined) : resolve(base, rest ?? '');
}

/**
 * A path by another name of the folder that it is in, or of one further up: /srv/releases/1/x is /srv/current/x by
 * /srv/current where that is a link to releases/1. Without such a name it stays.
 */
export function byNameOf(folder: string, path: string): string {
  let logical = folder;
  let physical = realPath(folder) ?? folder;
  while (basename(logical) === basename(physical) && realPath(dirname(logical)) === dirname(physical)) {
    if (logical === physical) return path;
    logical = dirname(logical);
    physical = dirname(physical);
  }
  const isInside = path.startsWith(`${physical}/`);
  return isInside ? join(logical, path.slice(physical.length)) : path;
}

/** A file's path with the links of its folder resolved, for one that must stay the same when these are changed. */
export function pathInRealFolder(path: string): string {
  const folder = realPath(dirname(path));
  return folder === undefined ? path : join(folder, basename(path));
}

/** All links resolved by the kernel's rules; undefined where the path leads nowhere. realpath(3). */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

function isSameFile(one: string, other: string): boolean {
  try {
    const [a, b] = [one, other].map((path) => statSync(path, { bigint: true }));
    return a?.dev === b?.dev && a?.ino === b?.ino;
  } catch {
    return false;
  }
}
