// The sources of the addon: what the prebuilt ones are made of, and how they are packed.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** SHA-256 over binding.gyp and the files of native/, in hexadecimal: other sources have another one. */
export function digestOfSources() {
  const sum = createHash('sha256');
  for (const path of ['binding.gyp', ...ownSources()]) sum.update(`/${path}`).update(readFileSync(join(ROOT, path)));
  return sum.digest('hex');
}

export const PREBUILT_SOURCES = join(ROOT, 'prebuilds/sources.sha256');

/** What digestOfSources() was when the binaries in prebuilds/ were built; undefined when there are none. */
export function prebuiltSources() {
  return existsSync(PREBUILT_SOURCES) ? readFileSync(PREBUILT_SOURCES, 'utf8').trim() : undefined;
}

/** The one file that has them in the packed package, since npm takes its time with each file. */
export const PACKED_SOURCES = join(ROOT, 'native.txt');

/**
 * Writes it, as text that people can read and build-native.mjs takes apart. Headers that come from a package go along, so
 * that users install none for them.
 */
export function packSources(file = PACKED_SOURCES) {
  const headers = dirname(createRequire(import.meta.url).resolve('node-addon-api'));
  const others = ['LICENSE.md', 'napi-inl.deprecated.h', 'napi-inl.h', 'napi.h'].filter((name) =>
    existsSync(join(headers, name)),
  );
  const texts = [
    ...ownSources().map((path) => [path, join(ROOT, path)]),
    ...others.map((name) => [`native/vendor/node-addon-api/${name}`, join(headers, name)]),
  ].map(([path, from]) => {
    const text = readFileSync(from, 'utf8');
    if (/^==== /m.test(text)) throw new Error(`${path} has a line that would begin another file`);
    return `==== ${path}\n${text}`;
  });
  writeFileSync(
    file,
    `The sources of the addon. scripts/build-native.mjs makes files of them where it builds.\n\n${texts.join('')}`,
  );
}

function ownSources() {
  return readdirSync(join(ROOT, 'native'), { recursive: true })
    .filter((name) => /\.(cc|h)$/.test(name) && !/^(build|vendor)\//.test(name))
    .map((name) => `native/${name}`)
    .sort();
}
