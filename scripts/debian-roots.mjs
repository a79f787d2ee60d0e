// Debian's programs and root folders, by the mirror that apt uses on this machine.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const CACHE = resolve(import.meta.dirname, '../.cache/debian');

/** The package of each program that is not in every Debian. */
const PACKAGES = {
  mmdebstrap: ['mmdebstrap', 'arch-test'],
  cpio: ['cpio'],
  xz: ['xz-utils'],
  'qemu-system-aarch64': ['qemu-system-arm'],
  'qemu-system-x86_64': ['qemu-system-x86'],
  'dpkg-deb': ['dpkg'],
  'dpkg-source': ['dpkg-dev'],
  'musl-gcc': ['musl-tools'],
};

/** Installs what is missing, as root on Debian; says elsewhere what to install. */
export function needPrograms(names) {
  const missing = names.filter((name) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).status !== 0);
  if (missing.length === 0) return;
  const packages = missing.flatMap((name) => PACKAGES[name] ?? [name]);
  const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages];
  if (process.getuid() !== 0) throw new Error(`${missing.join(', ')} missing: run "sudo ${install.join(' ')}"`);
  console.error(`prefork: installing ${packages.join(' ')} …`);
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  execFileSync('apt-get', ['update', '-qq'], options);
  execFileSync(install[0], install.slice(1), options);
}

/** Where apt gets Debian from here, such as a mirror nearby. */
export function mirror() {
  const targets = execFileSync('apt-get', ['indextargets', '--format', '$(REPO_URI)'], { encoding: 'utf8' });
  const found = targets.split('\n').find((uri) => /\/debian\/?$/.test(uri));
  if (found === undefined) throw new Error('apt knows no mirror of Debian; see /etc/apt/sources.list.d');
  return found;
}

/**
 * A folder with a Debian in it, kept in .cache/; made the first time.
 * @param {string} name of the folder, which also says what for
 * @param {string} suite such as bookworm
 * @param {string} arch as Debian has it: amd64, arm64
 * @param {string[]} packages in addition to those of the variant
 * @param {string} variant of mmdebstrap(1)
 * @param {string[]} options further ones of mmdebstrap(1)
 */
export function debianRoot(name, suite, arch, packages, variant, options = []) {
  const folder = join(CACHE, `${name}-${suite}-${arch}`);
  const done = `${folder}.made`;
  if (!existsSync(done)) {
    console.error(`prefork: making ${folder} …`);
    mkdirSync(CACHE, { recursive: true });
    rmSync(folder, { recursive: true, force: true });
    const unfinished = `${folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    execFileSync('mmdebstrap', [
      ...[
        '--quiet',
        '--mode=root',
        `--architectures=${arch}`,
        `--variant=${variant}`,
        `--include=${packages.join(',')}`,
      ],
      ...options,
      ...[suite, unfinished, `deb ${mirror()} ${suite} main`],
    ]);
    renameSync(unfinished, folder);
    writeFileSync(done, '');
  }
  return folder;
}

export { CACHE };
