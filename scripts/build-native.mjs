// Builds the addon from source with node-gyp, offline where Node's headers lie beside its binary (<prefix>/include/node).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { canFork, isKnownMachine, untried } from './c-library.mjs';

const root = resolve(import.meta.dirname, '..');

if (!canFork && (!isKnownMachine || process.env.PREFORK_ALLOW_MUSL !== '1')) {
  const reason = isKnownMachine ? `${untried} (PREFORK_ALLOW_MUSL=1 builds one)` : untried;
  console.warn(`prefork: no addon is built for ${reason}; "prefork start" serves by node:cluster, for development`);
  process.exit(0);
}

const gyp = nodeGyp();
if (gyp === undefined) {
  console.error(
    'prefork: the addon could not be built: there is no node-gyp; npm brings one, or install it beside prefork',
  );
  process.exit(1);
}
const missing = missingPrograms();
if (missing.length > 0) {
  console.error(
    `prefork: the addon cannot be built here without ${missing.join(', ')} (Debian: apt-get install g++ make python3)`,
  );
  process.exit(1);
}
console.error('prefork: building the addon from source …');
try {
  unpackSources();
} catch (error) {
  console.error(`prefork: the addon could not be built: its sources cannot be written beside it (${error.message})`);
  process.exit(1);
}
const prefix = resolve(dirname(process.execPath), '..');
// The variable of npm's "config", since it outranks a nodedir in the user's own configuration, which is another Node's.
const headers = existsSync(join(prefix, 'include/node/node_api.h')) && { npm_package_config_node_gyp_nodedir: prefix };

// Not "rebuild": compiles only what has changed, and processes that use the old build meanwhile find it complete.
const { status } = spawnSync(process.execPath, [gyp, 'configure', 'build', '--jobs=max'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...headers, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
});
if (status !== 0) {
  console.error("prefork: the addon could not be built; it needs a C++17 compiler, make, python3 and Node's headers");
}
process.exit(status ?? 1);

/** Programs that node-gyp would look for in vain: it says so in many lines, which hide the one that counts. */
function missingPrograms() {
  const { CXX, MAKE, NODE_GYP_FORCE_PYTHON, PYTHON, npm_config_make, npm_config_python } = process.env;
  const pythons = [npm_config_python, PYTHON, 'python3', 'python'].filter(Boolean);
  const programs = {
    'a C++17 compiler': [CXX?.split(' ')[0] || 'g++'], // make's default
    make: [npm_config_make || MAKE || 'make'],
    python3: NODE_GYP_FORCE_PYTHON ? [NODE_GYP_FORCE_PYTHON] : pythons,
  };
  const isThere = (program) => spawnSync(program, ['--version']).error === undefined;
  return Object.keys(programs).filter((name) => !programs[name].some(isThere));
}

/** node-gyp's program: a checkout's own, the one that npm or pnpm names to install scripts, or that of the npm beside Node. */
function nodeGyp() {
  const require = createRequire(import.meta.url);
  const own = () => join(dirname(require.resolve('node-gyp/package.json')), 'bin/node-gyp.js');
  const beside = () =>
    join(realpathSync(process.execPath), '../../lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js');
  for (const find of [own, () => process.env.npm_config_node_gyp, beside]) {
    try {
      const path = find();
      if (path !== undefined && existsSync(path)) return path;
    } catch {} // It is not installed.
  }
  return undefined;
}

/** Makes files of the one that the packed package has (sources.mjs); a checkout has them. */
function unpackSources() {
  const packed = join(root, 'native.txt');
  if (!existsSync(packed) || existsSync(join(root, 'tsconfig.json'))) return;
  const [, ...parts] = readFileSync(packed, 'utf8').split(/^==== (.*)\n/m);
  while (parts.length > 0) {
    const [path, text] = parts.splice(0, 2);
    const file = join(root, path);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue; // make(1) has seen it.
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
