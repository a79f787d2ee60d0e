// What the prebuilt addons are made of.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** SHA-256 over binding.gyp and the files of native/, in hexadecimal: other sources have another one. */
export function digestOfSources() {
  const sum = createHash('sha256');
  const files = readdirSync(join(ROOT, 'native'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(cc|h)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(ROOT, 'native/build')) && !path.startsWith(join(ROOT, 'native/vendor')));
  for (const path of [join(ROOT, 'binding.gyp'), ...files.sort()])
    sum.update(path.slice(ROOT.length)).update(readFileSync(path));
  return sum.digest('hex');
}

export const PREBUILT_SOURCES = join(ROOT, 'prebuilds/sources.sha256');

/** What digestOfSources() was when the binaries in prebuilds/ were built; undefined when there are none. */
export function prebuiltSources() {
  return existsSync(PREBUILT_SOURCES) ? readFileSync(PREBUILT_SOURCES, 'utf8').trim() : undefined;
}
