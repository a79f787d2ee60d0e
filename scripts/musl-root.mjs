// A Debian in which the addon is compiled for musl. Debian has musl, but no C++ library for it: the headers of GCC's, as it
// configures them for musl, are all that is needed, since Node brings the library along.
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianRoot } from './debian-roots.mjs';

const LIBC = '/usr/lib/x86_64-linux-musl';
const SOURCE = '/musl/libstdc++-v3';
const HEADERS = '/musl/build/include';
/** Where the kernel's headers are by themselves: beside them are those of glibc. */
const KERNEL = '/musl/kernel';

const MAKE_HEADERS = `
mkdir -p /musl/build ${KERNEL} && cd /musl
tar xJf /usr/src/gcc-12/gcc-12.*.tar.xz --strip-components=1 --exclude=*/testsuite/*/* --wildcards \\
  '*/libstdc++-v3/*' '*/libgcc/gthr*' '*/include/*' '*/config/*' '*/config*' '*/install-sh' '*/missing' '*/ltmain.sh' \\
  '*/mkinstalldirs' '*/move-if-change' '*/gcc/BASE-VER' '*/gcc/DEV-PHASE' '*/gcc/DATESTAMP' '*/libiberty/*' '*/symlink-tree'
ln -sf gthr-posix.h libgcc/gthr-default.h
ln -sfn /usr/include/linux ${KERNEL}/linux
ln -sfn /usr/include/asm-generic ${KERNEL}/asm-generic
ln -sfn /usr/include/x86_64-linux-gnu/asm ${KERNEL}/asm
cd build
specs=-specs=${LIBC}/musl-gcc.specs
CC="gcc $specs" CXX="g++ $specs" ${SOURCE}/configure --build=x86_64-linux-musl --host=x86_64-linux-musl \\
  --enable-clocale=generic --disable-multilib --disable-nls --disable-libstdcxx-pch >log 2>&1
make -C include >>log 2>&1
printf 'char none;' | gcc -x c -shared -nostdlib -Wl,-soname,libstdc++.so.6 -o /musl/libstdc++.so -
printf 'char none;' | gcc -x c -shared -nostdlib -Wl,-soname,libgcc_s.so.1 -o /musl/libgcc_s.so -
`;

/** @returns {string} its folder */
export function muslRoot() {
  const folder = debianRoot(
    'prebuild-musl',
    'bookworm',
    'amd64',
    ['g++', 'make', 'xz-utils', 'musl-tools', 'gcc-12-source'],
    'apt',
  );
  const done = join(folder, 'musl/done');
  if (!existsSync(done)) {
    execFileSync('chroot', [folder, 'sh', '-euc', MAKE_HEADERS], {
      stdio: 'inherit',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    writeFileSync(done, '');
  }
  return folder;
}

export const MUSL_COMPILING = [
  `-specs=${LIBC}/musl-gcc.specs`,
  ...['-nostdinc++', '-isystem', `${HEADERS}/x86_64-linux-musl`, '-isystem', HEADERS],
  ...['-isystem', `${SOURCE}/libsupc++`, '-idirafter', KERNEL],
];
/** Before and after what is linked: what the specs of musl-gcc leave out for a library, and by which names it finds others. */
export const MUSL_LINKING = [
  ['-nostdlib', '-Wl,--eh-frame-hdr', `${LIBC}/crti.o`, '/usr/lib/gcc/x86_64-linux-gnu/12/crtbeginS.o'],
  [
    ...['-Wl,--no-as-needed', '/musl/libstdc++.so', '/musl/libgcc_s.so', '-lgcc'],
    ...['/usr/lib/gcc/x86_64-linux-gnu/12/crtendS.o', `${LIBC}/crtn.o`],
  ],
];
