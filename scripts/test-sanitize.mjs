// Builds the addon with AddressSanitizer and with UndefinedBehaviorSanitizer, and runs its tests with each, and all its
// functions with hostile arguments: for FUZZ_SECONDS seconds, with FUZZ_SEED if it is set.
import { execFileSync, spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const { FUZZ_SECONDS = '20', FUZZ_SEED = `${Date.now() % 1_000_000}` } = process.env;
const asan = execFileSync('c++', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();

// Node has no sanitizer of its own, so that AddressSanitizer has to be there before it.
const sanitizers = [
  { name: 'asan', env: { LD_PRELOAD: asan } },
  { name: 'ubsan', env: { UBSAN_OPTIONS: 'print_stacktrace=1' } },
];

run('node', ['scripts/setup.mjs']);
for (const { name, env } of sanitizers) {
  const folder = join('native/build', name);
  const option = `--CDPREFORK_${name.toUpperCase()}=ON`;
  run('node_modules/.bin/cmake-js', ['compile', '--log-level', 'warn', '-d', 'native', '-O', folder, option]);

  const addon = { ...env, PREFORK_ADDON: resolve(root, folder, 'Release/prefork.node'), PREFORK_SANITIZER: name };
  console.log(`${name}: tests`);
  // vitest's own bundler leaks.
  run('node', ['node_modules/vitest/vitest.mjs', 'run', 'test/native'], { ...addon, ASAN_OPTIONS: 'detect_leaks=0' });
  console.log(`${name}: leaks`);
  run('node', ['test/fixtures/native/leaks.mjs'], { ...addon, ASAN_OPTIONS: 'detect_leaks=1' });
  console.log(`${name}: hostile arguments`);
  const fuzz = ['--expose-gc', 'test/fixtures/native/fuzz.mjs', FUZZ_SECONDS, FUZZ_SEED];
  // Sizes are hostile as well: an allocation that fails is to be an error.
  run('node', fuzz, { ...addon, ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=1' });
}

function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(1);
}
