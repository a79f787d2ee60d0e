// Makes a checkout ready to run: installs, compiles and builds what is missing or older than its sources, nothing else.
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

process.chdir(resolve(import.meta.dirname, '..'));

const LOCK = 'node_modules/.package-lock.json'; // npm writes it last.
const COMPILED = 'dist/.compiled';
const ADDON = 'build/Release/prefork.node';

if (isOutOfDate(LOCK, ['package-lock.json'])) {
  run('installing the dependencies', 'npm', ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund']);
  touch(LOCK);
}
if (
  isOutOfDate(COMPILED, [
    'src',
    'tsconfig.json',
    'scripts/bundle.mjs',
    'scripts/types.mjs',
    'scripts/save-code.mjs',
    LOCK,
  ])
) {
  run('compiling', 'node_modules/.bin/tsc', ['-p', '.']);
  run('bundling the page', process.execPath, ['scripts/bundle.mjs']);
  run('compiling the programs', process.execPath, ['scripts/save-code.mjs']);
  chmodSync('dist/cli/main.js', 0o755); // npm does so only when it links the program.
  writeFileSync(COMPILED, '');
}
if (isOutOfDate(ADDON, ['native', 'binding.gyp', 'scripts/build-native.mjs', LOCK])) {
  // Warnings end the build here, but not on a user's machine, whose compiler may know more of them.
  run('building the addon', process.execPath, ['scripts/build-native.mjs'], { CXXFLAGS: '-Werror' });
  if (modified(ADDON)) touch(ADDON); // There is none on other platforms.
}

function isOutOfDate(target, sources) {
  const built = modified(target);
  return built === undefined || sources.some((source) => newest(source) > built);
}

/** When a file, or anything in a folder, was last changed; a folder changes when something is removed from it. */
function newest(path) {
  const stat = statSync(path);
  const names = stat.isDirectory() ? readdirSync(path).filter((name) => name !== 'build') : [];
  return Math.max(stat.mtimeMs, ...names.map((name) => newest(join(path, name))));
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

function touch(path) {
  const now = new Date();
  utimesSync(path, now, now);
}

/** One line to say what takes so long; the program's own output only when it fails. */
function run(what, command, args, env = {}) {
  console.error(`prefork: ${what} …`);
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: Infinity,
    env: { ...process.env, ...env },
  });
  if (status === 0) return;
  console.error(`${stdout ?? ''}${stderr ?? ''}${error ?? ''}`);
  console.error(`prefork: ${what} failed: ${[command, ...args].join(' ')}`);
  process.exit(1);
}
