import { fileURLToPath } from 'node:url';

/**
 * The URL of the folder of prefork's own code: dist, or src in the unit tests. It is found by name, since a module may be
 * bundled into a file of another folder.
 */
const CODE = /^.*\/(?:dist|src)\//.exec(import.meta.url)?.[0] ?? import.meta.url;

/** The URL of a module of prefork; its path is given relative to that folder. */
export function codeUrl(path: string): string {
  return new URL(path, CODE).href;
}

/** The path of the same folder. */
export const CODE_FOLDER = fileURLToPath(CODE);

/** The path of a file that the package brings along; it is given relative to the package's folder. */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(`../${path}`, CODE));
}
