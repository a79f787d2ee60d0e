// npm run test:musl: links the core of the fork (native/fork) with musl and libuv, and forks a program whose threads are in
// every kind of wait, --count times. There is no Node in it: it shows that the core knows musl's threads, and no more.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CACHE, mirror, needPrograms } from './debian-roots.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const FOLDER = join(CACHE, 'musl');
const OBJECTS = join(FOLDER, 'objects');
/** Whose source of libuv is taken; that of Node 20 and newer is about as old. */
const SUITE = 'trixie';
const LIBUV_UNIX = [
  ...['async', 'core', 'dl', 'fs', 'getaddrinfo', 'getnameinfo', 'linux', 'loop', 'loop-watcher', 'pipe', 'poll'],
  ...['process', 'procfs-exepath', 'proctitle', 'random-devurandom', 'random-getrandom', 'random-sysctl-linux'],
  ...['signal', 'stream', 'tcp', 'thread', 'tty', 'udp'],
];
/** Not loop.cc, which needs a C++ library for musl, nor what needs Node. */
const CORE = ['attempt', 'descriptors', 'fork', 'layout', 'libuv', 'look', 'memory', 'park', 'pool', 'release-workers'];
CORE.push('rings', 'threads', 'workers');

const { values } = parseArgs({ options: { count: { type: 'string', default: '1000' } } });
needPrograms(['musl-gcc', 'g++', 'dpkg-source']);
rmSync(OBJECTS, { recursive: true, force: true });
mkdirSync(OBJECTS, { recursive: true });
const source = libuvSource();
const kernel = kernelHeaders();
const program = join(FOLDER, 'forks');
const objects = [...libuvObjects(), ...coreObjects()];
run('musl-gcc', ['-static', '-o', program, ...objects]);
run(program, [values.count]);
// The kernel lets root alone change its user.
if (process.getuid() === 0) run(program, [values.count, 'setuid']);

/** libuv's source, as Debian has it: the folder. */
function libuvSource() {
  const folder = join(FOLDER, 'libuv');
  if (existsSync(folder)) return folder;
  const apt = join(FOLDER, 'apt');
  for (const part of ['lists/partial', 'archives/partial']) mkdirSync(join(apt, part), { recursive: true });
  writeFileSync(join(apt, 'sources.list'), `deb-src ${mirror()} ${SUITE} main\n`);
  writeFileSync(join(apt, 'status'), '');
  const options = Object.entries({
    'Dir::Etc::SourceList': join(apt, 'sources.list'),
    'Dir::Etc::SourceParts': '-',
    'Dir::State::Lists': join(apt, 'lists'),
    'Dir::State::Status': join(apt, 'status'),
    'Dir::Cache': apt,
    'APT::Sandbox::User': 'root',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  run('apt-get', [...options, '-qq', 'update']);
  run('apt-get', [...options, '-qq', '--download-only', 'source', 'libuv1'], { cwd: apt });
  const description = readdirSync(apt).find((name) => name.endsWith('.dsc'));
  run('dpkg-source', ['--no-check', '-x', description, folder], { cwd: apt });
  return folder;
}

/** A folder with the kernel's headers alone: beside them are those of the machine's own C library. */
function kernelHeaders() {
  const folder = join(FOLDER, 'kernel-headers');
  const machine = execFileSync('gcc', ['-print-multiarch'], { encoding: 'utf8' }).trim();
  mkdirSync(folder, { recursive: true });
  for (const [name, from] of Object.entries({ linux: 'linux', 'asm-generic': 'asm-generic', asm: `${machine}/asm` }))
    if (!existsSync(join(folder, name))) symlinkSync(join('/usr/include', from), join(folder, name));
  return folder;
}

function libuvObjects() {
  const files = readdirSync(join(source, 'src')).filter((name) => name.endsWith('.c'));
  const paths = [...files.map((name) => join('src', name)), ...LIBUV_UNIX.map((name) => `src/unix/${name}.c`)];
  const flags = ['-O2', '-w', '-D_GNU_SOURCE', '-D_FILE_OFFSET_BITS=64', '-Iinclude', '-Isrc', '-idirafter', kernel];
  return paths
    .filter((path) => existsSync(join(source, path)))
    .map((path) => compile([...flags, '-c', path], `uv-${path.replaceAll('/', '-')}.o`, source));
}

function coreObjects() {
  const gcc = (option) => execFileSync('g++', [option], { encoding: 'utf8' }).trim();
  const [version, machine] = [gcc('-dumpversion'), gcc('-print-multiarch')];
  const [, raw] = JSON.parse(readFileSync(join(ROOT, 'binding.gyp'), 'utf8')).targets;
  const flags = [
    ...['-x', 'c++', '-O2', '-g', ...raw.cflags, ...raw.cflags_cc, '-fno-rtti'],
    // The C++ library is the machine's own, which asks glibc for its version; only its headers are used.
    ...['-D__GLIBC_PREREQ(a,b)=0', '-nostdinc++'],
    ...['-isystem', `/usr/include/c++/${version}`, '-isystem', `/usr/include/${machine}/c++/${version}`],
    ...['-idirafter', kernel, '-idirafter', join(source, 'include'), '-Inative'],
  ];
  const paths = [...CORE.map((name) => `native/fork/${name}.cc`), 'test/fixtures/native/musl.cc'];
  return paths.map((path) => compile([...flags, '-c', path], `${path.replaceAll('/', '-')}.o`, ROOT));
}

function compile(args, name, cwd) {
  const object = join(OBJECTS, name);
  run('musl-gcc', [...args, '-o', object], { cwd });
  return object;
}

function run(command, args, options = {}) {
  execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
}
