import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { libraryIn } from '../../../src/posix/c-library.js';
import { ROOT } from '../../helpers/process.js';

const installers = await import(join(ROOT, 'scripts/c-library.mjs'));

describe.each([
  ['the library', libraryIn],
  ['the installation', installers.libraryIn as typeof libraryIn],
])('as %s sees it', (_, find) => {
  test.each([
    ['Debian 12', '/usr/lib/x86_64-linux-gnu/libc.so.6', 'glibc'],
    ['Debian 10', '/lib/x86_64-linux-gnu/libc-2.28.so', 'glibc'],
    ['Alpine', '/lib/ld-musl-x86_64.so.1', 'musl'],
    ['musl of Debian', '/usr/lib/aarch64-linux-musl/libc.so', 'musl'],
    ['a library of another name', '/usr/lib/libcrypto.so', undefined],
  ])('%s', (_, path, library) => {
    const mapping = `7f72f6e12000-7f72f6e27000 r--p 00000000 fe:00 1646675                    ${path}`;
    expect(find(`${mapping}\n7ffc0000-7ffd0000 rw-p 00000000 00:00 0          [stack]\n`)).toBe(library);
  });
});
