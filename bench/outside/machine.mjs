// On what and with which versions it was measured.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { machine } from '../report.mjs';
import { find, HTTP, onPath } from './contestants.mjs';

export function facts() {
  return { ...machine(), memoryMb: Math.round(totalmem() / 1e6), versions: versions() };
}

/** By name what each says of itself; null for what is not installed. */
function versions() {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  const said = { prefork: version, node: process.version };
  said.cc = says(process.env.CC ?? 'cc', '--version');
  for (const name of ['ruby', 'python3']) said[name] = says(onPath(name), '--version');
  for (const name of ['unicorn', 'puma', 'gunicorn sync']) said[name] = says(find(HTTP[name]).program, '--version');
  said['Apache prefork'] = says(find(HTTP['Apache prefork']).program, '-v');
  return said;
}

function says(program, flag) {
  if (program === undefined) return null;
  const { stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8', timeout: 20_000 });
  return `${stdout}${stderr}`.trim().split('\n')[0];
}
