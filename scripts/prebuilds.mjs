// npm run prebuilds: builds the addon for x64 and arm64, and for musl on x64, into prebuilds/, which the packed package
// brings along. The compilers for glibc are those of Debian 11, whose C library is old enough for whatever runs Node 20.
// The root folders that they stand in are made the same way everywhere, so that every machine gets the same bytes.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { debianRoot, needPrograms } from './debian-roots.mjs';
import { MUSL_COMPILING, MUSL_LINKING, muslRoot } from './musl-root.mjs';
import { nodePackage } from './nodes.mjs';
import { digestOfSources, PREBUILT_SOURCES, prebuiltSources } from './sources.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const SUITE = 'bullseye';
/** Whose headers are used: the addon has Node-API 8 and libuv 1, which have not changed since. */
const NODE = '20.20.2';
/** The newest version of the C library that the addon may ask for: Node's own floor. */
const GLIBC = '2.28';
const glibcRoot = () => debianRoot('prebuild', SUITE, 'amd64', ['g++', 'g++-aarch64-linux-gnu'], 'apt');
/** By the end of the folder's name: where it is built, the compiler's prefix, and flags for compiling and linking. */
const TARGETS = {
  x64: { root: glibcRoot, prefix: 'x86_64-linux-gnu-', compiling: [], linking: [[], []] },
  arm64: { root: glibcRoot, prefix: 'aarch64-linux-gnu-', compiling: [], linking: [[], []] },
  'x64-musl': { root: muslRoot, prefix: '', compiling: MUSL_COMPILING, linking: MUSL_LINKING },
};

const { values } = parseArgs({
  options: {
    for: { type: 'string', default: Object.keys(TARGETS).join(',') },
    'if-changed': { type: 'boolean', default: false }, // Nothing is done where the binaries are of these sources.
  },
});
if (values['if-changed'] && prebuiltSources() === digestOfSources()) process.exit();
const targets = values.for.split(',');
for (const name of targets) if (!(name in TARGETS)) fail(`--for ${name}: one of ${Object.keys(TARGETS).join(', ')}`);
if (process.arch !== 'x64') fail('the compilers are for x86-64: run it on such a machine');
if (process.getuid() !== 0) fail('run it as root, for chroot(2)');
needPrograms(['mmdebstrap', 'chroot']);

const [gyp, raw] = JSON.parse(readFileSync(join(ROOT, 'binding.gyp'), 'utf8')).targets;
const roots = new Set(targets.map((name) => TARGETS[name].root()));
for (const root of roots) copySources(join(root, 'prefork'));
await Promise.all(targets.map(build));
for (const root of roots) rmSync(join(root, 'prefork'), { recursive: true });
// By which packing notices that the sources have changed since.
if (targets.length === Object.keys(TARGETS).length) writeFileSync(PREBUILT_SOURCES, `${digestOfSources()}\n`);

/** Always to the same place in the root, since the compiler writes paths into what it makes. */
function copySources(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const filter = (path) => path !== join(ROOT, 'native/build');
  cpSync(join(ROOT, 'native'), join(folder, 'native'), { recursive: true, filter });
  const interfaces = dirname(createRequire(import.meta.url).resolve('node-addon-api'));
  cpSync(interfaces, join(folder, 'node-addon-api'), { recursive: true });
  cpSync(join(nodePackage(NODE, 'x64'), 'include/node'), join(folder, 'node'), { recursive: true });
}

async function build(name) {
  const { prefix, compiling, linking, ...target } = TARGETS[name];
  const root = target.root();
  const file = `prefork-${name}.node`;
  const flags = [
    ...['-O3', '-fPIC', '-pthread', '-DNDEBUG', '-fno-omit-frame-pointer'],
    ...['-DBUILDING_NODE_EXTENSION', '-DNODE_GYP_MODULE_NAME=prefork', '-Inative'],
    ...['-isystem', 'node-addon-api', '-isystem', 'node', ...compiling],
  ];
  const rawObject = `prefork-raw-${name}.o`;
  const own = ({ cflags, cflags_cc, defines = [] }) => [...cflags, ...cflags_cc, ...defines.map((each) => `-D${each}`)];
  await inRoot(root, `${prefix}g++`, [...flags, ...own(raw), '-r', '-nostdlib', '-o', rawObject, ...raw.sources]);
  const link = ['-shared', '-pthread', '-s', '-Wl,--build-id=sha1', ...gyp.ldflags];
  const objects = [...linking[0], ...gyp.sources, rawObject, ...linking[1]];
  await inRoot(root, `${prefix}g++`, [...flags, ...own(gyp), ...link, '-o', file, ...objects]);
  const needs = neededVersions(root, `${prefix}objdump`, file);
  if (compare(needs.GLIBC ?? '0', GLIBC) > 0) fail(`linux-${name}: needs glibc ${needs.GLIBC}, newer than ${GLIBC}`);

  const folder = join(ROOT, 'prebuilds', `linux-${name}`);
  mkdirSync(folder, { recursive: true });
  // Renamed into place: processes that use the old one keep it.
  const unfinished = join(mkdtempSync(join(folder, 'new-')), 'prefork.node');
  cpSync(join(root, 'prefork', file), unfinished);
  renameSync(unfinished, join(folder, 'prefork.node'));
  rmSync(dirname(unfinished), { recursive: true });
  const bytes = readFileSync(join(folder, 'prefork.node'));
  const digest = createHash('sha256').update(bytes).digest('hex');
  const versions = Object.entries(needs).map(([library, version]) => `${library}_${version}`);
  const needed = versions.length === 0 ? 'musl' : versions.join(', ');
  console.log(`prebuilds/linux-${name}/prefork.node: ${bytes.length} bytes, needs ${needed}, sha256 ${digest}`);
}

async function inRoot(root, program, args) {
  const child = spawn('chroot', [root, 'sh', '-c', 'cd /prefork && exec "$@"', 'sh', program, ...args], {
    stdio: 'inherit',
    // Nothing of the caller's, such as CXXFLAGS or a date format.
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', SOURCE_DATE_EPOCH: '0' },
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) fail(`${program} failed`);
}

/** The newest version of each kind of symbol that the file asks for: { GLIBC: '2.17', … }. */
function neededVersions(root, objdump, file) {
  const text = execFileSync('chroot', [root, objdump, '-p', join('/prefork', file)], { encoding: 'utf8' });
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
