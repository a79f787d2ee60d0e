// Builds the addon with node-gyp, offline where Node's headers lie beside its binary (<prefix>/include/node).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

const libc = process.report.getReport().header.glibcVersionRuntime === undefined ? 'another C library' : 'glibc';
const here = [process.platform, process.arch, libc].join(' ');
if (here !== 'linux x64 glibc') {
  console.warn(`prefork: no addon for ${here}; importing works, using it will say so`);
  process.exit(0);
}

const gyp = join(dirname(createRequire(import.meta.url).resolve('node-gyp/package.json')), 'bin/node-gyp.js');
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
