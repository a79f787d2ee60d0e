// A machine that QEMU emulates, with Debian's own kernel and a real systemd: a Debian in memory, and the packed package
// installed below /srv/app.
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { debianRoot } from '../debian-roots.mjs';
import { fileIn, packInitramfs, runEmulator, unpackedKernel } from '../emulator.mjs';
import { trialUnits } from './units.mjs';

const PROGRAMS = ['systemd', 'systemd-sysv', 'dbus', 'kmod', 'libatomic1', 'libstdc++6', 'udev'];
/** The modules that an installed Debian would load for prefork: sock_diag(7) of TCP and of unix sockets. */
const MODULES = ['ipv4/inet_diag', 'ipv4/tcp_diag', 'unix/unix_diag'];
/** Debian's number for www-data. */
const WWW_DATA = 33;

/**
 * Boots, runs main.mjs, and returns when the machine is off, with how it ended.
 * @param {object} options
 * @param {string} options.suite the Debian: bullseye, bookworm, trixie
 * @param {string} options.node the binary
 * @param {string} options.installed a folder with node_modules/
 * @param {string[]} options.trials
 * @param {number} options.trialSeconds after which a trial counts as failed
 * @param {string} options.cpu as QEMU names it
 * @param {number} options.memory in MiB
 * @param {number} options.seconds after which the machine is switched off
 * @param {string} options.folder for files that are removed by the caller, but for console.log
 * @param {(line: object) => void} options.onLine what the machine tells
 */
export async function runMachine({ suite, folder, cpu, memory, seconds, onLine, ...plan }) {
  const root = debianRoot('systemd', suite, 'amd64', PROGRAMS, 'minbase');
  const kernel = unpackedKernel(`cloud-${suite}`, suite, 'amd64', 'linux-image-cloud-amd64');
  const overlay = join(folder, 'overlay');
  makeOverlay(overlay, { ...plan, kernel });
  const initramfs = join(folder, 'initramfs.cpio');
  packInitramfs([root, overlay], initramfs);
  rmSync(overlay, { recursive: true });
  let rest = '';
  return await runEmulator(
    'qemu-system-x86_64',
    [
      ...['-M', 'q35', '-cpu', cpu, '-m', `${memory}`],
      ...['-kernel', fileIn(join(kernel, 'boot'), /^vmlinuz-/), '-initrd', initramfs],
      ...['-append', 'console=ttyS0 quiet panic=-1 rdinit=/sbin/init systemd.show_status=0'],
      ...['-serial', `file:${join(folder, 'console.log')}`, '-serial', 'stdio'],
    ],
    {
      seconds,
      stdout(text) {
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        for (const line of lines) if (line.trim() !== '') onLine(JSON.parse(line));
      },
    },
  );
}

/** What the machine has beyond Debian. */
function makeOverlay(overlay, { kernel, node, installed, trials, trialSeconds }) {
  const write = (path, text) => {
    mkdirSync(dirname(join(overlay, path)), { recursive: true });
    writeFileSync(join(overlay, path), text);
  };
  const wantedModule = new RegExp(`modules/[^/]*/kernel/net/(${MODULES.join('|')})\\.ko(\\.xz)?$`);
  for (const path of readdirSync(kernel, { recursive: true })) {
    const module = wantedModule.exec(path)?.[0];
    if (module !== undefined) cpSync(join(kernel, path), join(overlay, 'usr/lib', module));
  }
  const units = trialUnits();
  for (const [name, text] of Object.entries(units)) write(`etc/systemd/system/${name}`, text);
  write(
    'etc/systemd/system/trials.service',
    '[Unit]\nAfter=multi-user.target\n[Service]\nExecStart=/usr/bin/node /opt/trials/main.mjs\n',
  );
  const wanted = join(overlay, 'etc/systemd/system/multi-user.target.wants');
  mkdirSync(wanted);
  symlinkSync('../trials.service', join(wanted, 'trials.service'));
  symlinkSync('/usr/lib/systemd/system/multi-user.target', join(overlay, 'etc/systemd/system/default.target'));
  // An emulator is slow, and the units are to stay as they are printed.
  const limits = 'PREFORK_SPAWN_TIMEOUT=300s PREFORK_BOOT_TIMEOUT=300s';
  write('etc/systemd/system.conf.d/slow.conf', `[Manager]\nDefaultTimeoutStartSec=300\nDefaultEnvironment=${limits}\n`);
  write('etc/fstab', '');
  write('etc/hostname', 'trials\n');
  write('etc/machine-id', '');

  write('opt/trials/plan.json', JSON.stringify({ trials, seconds: trialSeconds, units: Object.keys(units) }));
  for (const name of ['main.mjs', 'trials.mjs', 'guest.mjs'])
    copyFileSync(join(import.meta.dirname, name), join(overlay, 'opt/trials', name));
  copyFileSync(join(import.meta.dirname, '../emulator-check.mjs'), join(overlay, 'opt/trials/emulator-check.mjs'));
  mkdirSync(join(overlay, 'usr/bin'), { recursive: true });
  copyFileSync(node, join(overlay, 'usr/bin/node'));
  chmodSync(join(overlay, 'usr/bin/node'), 0o755);

  mkdirSync(join(overlay, 'srv/app/uploads'), { recursive: true });
  chownSync(join(overlay, 'srv/app/uploads'), WWW_DATA, WWW_DATA);
  copyFileSync(join(import.meta.dirname, 'app.js'), join(overlay, 'srv/app/app.js'));
  cpSync(join(installed, 'node_modules'), join(overlay, 'srv/app/node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
  });
}
