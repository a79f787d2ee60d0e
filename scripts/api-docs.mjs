// npm run docs:api: writes docs/api from the docstrings of the public functions and types.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, 'api-docs');
if (!existsSync(join(folder, 'node_modules/typedoc'))) {
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
}
run('node_modules/.bin/typedoc', ['--options', 'typedoc.json']);

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(1);
}
