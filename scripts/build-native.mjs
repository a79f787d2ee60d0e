// Builds the addon with node-gyp, offline where Node's headers lie beside its binary (<prefix>/include/node).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.warn(`prefork: no addon for ${process.platform} on ${process.arch}; importing works, using it will say so`);
  process.exit(0);
}

const require = createRequire(import.meta.url);
const gyp = join(dirname(require.resolve('node-gyp/package.json')), 'bin', 'node-gyp.js');
const prefix = resolve(dirname(process.execPath), '..');
const nodedir = existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? [`--nodedir=${prefix}`] : [];

const { status } = spawnSync(process.execPath, [gyp, 'rebuild', ...nodedir, ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: resolve(import.meta.dirname, '..'),
});
process.exit(status ?? 1);
