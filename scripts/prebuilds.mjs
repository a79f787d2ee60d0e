// npm run prebuilds: builds the addon for x64 and arm64 into prebuilds/, which the packed package brings along. The
// compilers are those of Debian 11, whose C library is old enough for whatever runs Node 20, in a root folder of
// their own, so that every machine gets the same bytes.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { debianRoot, needPrograms } from './debian-roots.mjs';
import { nodePackage } from './nodes.mjs';
import { digestOfSources, PREBUILT_SOURCES, prebuiltSources } from './sources.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const SUITE = 'bullseye';
/** Whose headers are used: the addon has Node-API 8 and libuv 1, which have not changed since. */
const NODE = '20.20.2';
/** The newest version of the C library that the addon may ask for: Node's own floor. */
const GLIBC = '2.28';
const COMPILERS = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };

const { values } = parseArgs({
  options: {
    arch: { type: 'string', default: Object.keys(COMPILERS).join(',') },
    'if-changed': { type: 'boolean', default: false }, // Nothing is done where the binaries are of these sources.
  },
});
if (values['if-changed'] && prebuiltSources() === digestOfSources()) process.exit();
const archs = values.arch.split(',');
for (const arch of archs) if (!(arch in COMPILERS)) fail(`--arch ${arch}: one of ${Object.keys(COMPILERS).join(', ')}`);
if (process.arch !== 'x64') fail('the compilers are for x86-64: run it on such a machine');
if (process.getuid() !== 0) fail('run it as root, for chroot(2)');
needPrograms(['mmdebstrap', 'chroot']);

const compilers = debianRoot('prebuild', SUITE, 'amd64', ['g++', 'g++-aarch64-linux-gnu'], 'apt');
const [gyp, raw] = JSON.parse(readFileSync(join(ROOT, 'binding.gyp'), 'utf8')).targets;
// Always at the same place in the root, since the compiler writes paths into what it makes.
const folder = join(compilers, 'prefork');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
cpSync(join(ROOT, 'native'), join(folder, 'native'), {
  recursive: true,
  filter: (path) => path !== join(ROOT, 'native/build'),
});
cpSync(dirname(createRequire(import.meta.url).resolve('node-addon-api')), join(folder, 'node-addon-api'), {
  recursive: true,
});
cpSync(join(nodePackage(NODE, 'x64'), 'include/node'), join(folder, 'node'), { recursive: true });

await Promise.all(archs.map(build));
rmSync(folder, { recursive: true });
// By which packing notices that the sources have changed since.
if (archs.length === Object.keys(COMPILERS).length) writeFileSync(PREBUILT_SOURCES, `${digestOfSources()}\n`);

async function build(arch) {
  const file = `prefork-${arch}.node`;
  const flags = [
    ...['-O3', '-fPIC', '-pthread', '-DNDEBUG', '-fno-omit-frame-pointer'],
    ...['-DBUILDING_NODE_EXTENSION', '-DNODE_GYP_MODULE_NAME=prefork', '-Inative'],
    ...['-isystem', 'node-addon-api', '-isystem', 'node'],
  ];
  const compiler = `${COMPILERS[arch]}-g++`;
  const rawObject = `prefork-raw-${arch}.o`;
  const own = ({ cflags, cflags_cc, defines = [] }) => [...cflags, ...cflags_cc, ...defines.map((each) => `-D${each}`)];
  await inRoot(compiler, [...flags, ...own(raw), '-r', '-nostdlib', '-o', rawObject, ...raw.sources]);
  const link = ['-shared', '-pthread', '-s', '-Wl,--build-id=sha1', ...gyp.ldflags];
  await inRoot(compiler, [...flags, ...own(gyp), ...link, '-o', file, ...gyp.sources, rawObject]);
  const needs = neededVersions(`${COMPILERS[arch]}-objdump`, file);
  if (compare(needs.GLIBC, GLIBC) > 0) fail(`linux-${arch}: needs glibc ${needs.GLIBC}, newer than ${GLIBC}`);

  const target = join(ROOT, 'prebuilds', `linux-${arch}`);
  mkdirSync(target, { recursive: true });
  // Renamed into place: processes that use the old one keep it.
  const unfinished = join(mkdtempSync(join(target, 'new-')), 'prefork.node');
  cpSync(join(folder, file), unfinished);
  renameSync(unfinished, join(target, 'prefork.node'));
  rmSync(dirname(unfinished), { recursive: true });
  const bytes = readFileSync(join(target, 'prefork.node'));
  const digest = createHash('sha256').update(bytes).digest('hex');
  const versions = Object.entries(needs).map(([name, version]) => `${name}_${version}`);
  console.log(
    `prebuilds/linux-${arch}/prefork.node: ${bytes.length} bytes, needs ${versions.join(', ')}, sha256 ${digest}`,
  );
}

async function inRoot(program, args) {
  const child = spawn('chroot', [compilers, 'sh', '-c', 'cd /prefork && exec "$@"', 'sh', program, ...args], {
    stdio: 'inherit',
    // Nothing of the caller's, such as CXXFLAGS or a date format.
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', SOURCE_DATE_EPOCH: '0' },
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) fail(`${program} failed`);
}

/** The newest version of each kind of symbol that the file asks for: { GLIBC: '2.17', … }. */
function neededVersions(objdump, file) {
  const text = execFileSync('chroot', [compilers, objdump, '-p', join('/prefork', file)], { encoding: 'utf8' });
  const newest = {};
  for (const [, name, version] of text.matchAll(/ (GLIBC|GLIBCXX|CXXABI|GCC)_([\d.]+)$/gm))
    if (!(name in newest) || compare(version, newest[name]) > 0) newest[name] = version;
  return newest;
}

function compare(a, b) {
  return a.localeCompare(b, 'en', { numeric: true });
}

function fail(what) {
  console.error(`prefork: prebuilds: ${what}`);
  process.exit(1);
}
