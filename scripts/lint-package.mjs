// The package as npm would publish it: is what package.json says true (publint), and do its types lead where the code
// does (attw)? Needs dist. Packed without scripts, since prepack compiles anew.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'prefork-pack-'));
try {
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const packed = JSON.parse(execFileSync('npm', pack, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] }));
  const [{ filename }] = Object.values(packed);
  const file = join(folder, filename);
  // Both say what is wrong, and what to do.
  lint('publint', ['run', file, '--strict']);
  // Whoever calls require() gets the ES module: Node 20.19 and newer can.
  lint('attw', [file, '--ignore-rules', 'cjs-resolves-to-esm', '--format', 'table-flipped', '--no-emoji']);
} finally {
  rmSync(folder, { recursive: true });
}

/** Prints what a linter says where it is not content. */
function lint(program, args) {
  const path = join(root, 'node_modules/.bin', program);
  const { status, error, stdout, stderr } = spawnSync(path, args, { encoding: 'utf8' });
  if (status === 0) return;
  console.error(`${program}:\n${stdout ?? ''}${stderr ?? ''}${error ?? ''}`);
  process.exitCode = 1;
}
