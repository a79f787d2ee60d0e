// npm run docs:api: writes docs/api from the docstrings of the public functions and types. The tool needs an older
// TypeScript than the project, which npm does not install beside it: it has a folder and a lockfile of its own.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, 'api-docs');
if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  // Another checkout has had the packages: npm's cache has them.
  run('npm', ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']);
}
run('node_modules/.bin/typedoc', ['--options', 'typedoc.json']);

function modified(file) {
  return statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(1);
}
