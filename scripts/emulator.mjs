// What the emulated machines have in common: Debian's kernel, a root in memory, QEMU, and a file of results.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CACHE, mirror } from './debian-roots.mjs';

const ROOT = resolve(import.meta.dirname, '..');
/** What no machine needs of a Debian: it would only take memory. */
const LEFT_OUT = [
  'usr/share/doc',
  'usr/share/locale',
  'usr/share/man',
  'usr/share/info',
  'var/cache/apt',
  'var/lib/apt',
];

/**
 * The folder with the unpacked package of a kernel, kept in .cache/: boot/, lib/modules/.
 * @param {string} name of the folder
 * @param {string} suite such as bookworm
 * @param {string} arch as Debian has it
 * @param {string} meta the package that depends on the newest kernel of its kind
 */
export function unpackedKernel(name, suite, arch, meta) {
  const folder = join(CACHE, `kernel-${name}`);
  if (!existsSync(join(folder, 'boot'))) {
    console.error(`prefork: downloading ${meta} of ${suite} …`);
    const work = `${folder}.unfinished`;
    rmSync(work, { recursive: true, force: true });
    mkdirSync(join(work, 'state/lists/partial'), { recursive: true });
    mkdirSync(join(work, 'cache/archives/partial'), { recursive: true });
    const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
    writeFileSync(join(work, 'sources.list'), `deb [arch=${arch} signed-by=${keyring}] ${mirror()} ${suite} main\n`);
    // An apt with a state and an architecture of its own: it knows nothing of what is installed here.
    const settings = {
      'Dir::State': join(work, 'state'),
      'Dir::State::status': '/dev/null',
      'Dir::Cache': join(work, 'cache'),
      'Dir::Etc::sourcelist': join(work, 'sources.list'),
      'Dir::Etc::sourceparts': '-',
      'APT::Architecture': arch,
      'APT::Architectures': arch,
      'APT::Sandbox::User': 'root',
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const apt = (...args) => execFileSync('apt-get', ['-q', ...options, ...args], { cwd: work, encoding: 'utf8' });
    apt('update');
    const image = /^Inst (linux-image-\d\S+)/m.exec(apt('-s', 'install', meta))[1];
    apt('download', image);
    execFileSync('dpkg-deb', ['-x', fileIn(work, /\.deb$/), join(work, 'unpacked')]);
    rmSync(folder, { recursive: true, force: true });
    cpSync(join(work, 'unpacked'), folder, { recursive: true, verbatimSymlinks: true });
    rmSync(work, { recursive: true });
  }
  return folder;
}

/** Packs folders into one initramfs; a file of a later one takes the place of an earlier one's. */
export function packInitramfs(folders, file) {
  const leftOut = LEFT_OUT.flatMap((path) => ['-path', `./${path}`, '-o']).slice(0, -1);
  rmSync(file, { force: true });
  for (const folder of folders) {
    const pack = 'cd "$1" && file=$2 && shift 2 && find . "$@" -print0 | cpio --null -o -H newc --quiet >>"$file"';
    execFileSync('sh', ['-c', pack, 'sh', folder, file, '(', ...leftOut, ')', '-prune', '-o']);
  }
}

/**
 * Runs a machine with two processors until it is off. It ends with this process, too.
 * @param {string} program such as qemu-system-aarch64
 * @param {string[]} args
 * @param {{ seconds: number, stdout?: 'inherit' | ((text: string) => void) }} options seconds after which it is switched off;
 *   who gets what comes by -serial stdio
 * @returns {Promise<string>} how it ended; 'powered off' when all is well
 */
export async function runEmulator(program, args, { seconds, stdout = 'inherit' }) {
  const common = [
    ...['-smp', '2', '-accel', 'tcg,thread=multi,tb-size=1024'],
    ...['-display', 'none', '-monitor', 'none', '-nodefaults', '-no-reboot'],
  ];
  const qemu = spawn('nice', [program, ...common, ...args], {
    stdio: ['ignore', stdout === 'inherit' ? 'inherit' : 'pipe', 'inherit'],
  });
  if (stdout !== 'inherit') qemu.stdout.setEncoding('utf8').on('data', stdout);
  const timer = setTimeout(() => qemu.kill('SIGKILL'), seconds * 1000);
  process.once('exit', () => qemu.kill('SIGKILL'));
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  const [code, signal] = await once(qemu, 'close');
  clearTimeout(timer);
  if (signal === 'SIGKILL') return `switched off after ${seconds} s`;
  return code === 0 ? 'powered off' : `QEMU: exit ${code ?? signal}`;
}

export function emulatorVersion(program) {
  return /version (\S+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))[1];
}

/** Appends what was seen to a file of the project, a JSON array. */
export function keepResult(name, result) {
  const file = join(ROOT, name);
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  writeFileSync(file, `${JSON.stringify([...before, result], null, 2)}\n`);
}

/** The one file of a folder whose name matches. */
export function fileIn(folder, name) {
  const found = readdirSync(folder).find((each) => name.test(each));
  if (found === undefined) throw new Error(`${folder} has no file like ${name}`);
  return join(folder, found);
}
