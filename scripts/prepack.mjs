// Before npm packs: compiles anew, and puts the sources of the addon into one file. "node scripts/prepack.mjs --undo",
// after it, takes that away again.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { digestOfSources, PACKED_SOURCES, packSources, prebuiltSources } from './sources.mjs';

const root = resolve(import.meta.dirname, '..');

rmSync(PACKED_SOURCES, { force: true });
if (process.argv[2] === '--undo') keepCompiled();
else pack();

function pack() {
  const built = prebuiltSources();
  if (built !== undefined && built !== digestOfSources()) {
    console.error('prefork: the addons in prebuilds/ are of other sources: "npm run prebuilds" builds them anew');
    process.exit(1);
  }
  if (built === undefined) {
    // Also of one architecture only.
    console.error(
      'prefork: without prebuilt addons ("npm run prebuilds"): the package will be built where it is installed',
    );
    rmSync(join(root, 'prebuilds'), { recursive: true, force: true });
  }
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: root, stdio: 'inherit' });
  execFileSync(process.execPath, [join(root, 'scripts/bundle.mjs')], { stdio: 'inherit' });
  chmodSync(join(root, 'dist/cli/main.js'), 0o755);
  packSources();
}

/** What was compiled to be packed is compiled: see setup.mjs. */
function keepCompiled() {
  const { mtime } = statSync(join(root, 'dist/LICENSES.txt')); // Written last, so older than what was edited since.
  const stamp = join(root, 'dist/.compiled');
  writeFileSync(stamp, '');
  utimesSync(stamp, mtime, mtime);
}
