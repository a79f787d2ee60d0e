// The first part of npm's install script of the package: succeeds where the prebuilt addon loads, else the second part
// (build-native.mjs) builds one, also when this process crashed; and compiles the programs. Where scripts are not run,
// dist/posix/binding.js finds the prebuilt addon by itself, and each process compiles what it needs.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const prebuilt = join(resolve(import.meta.dirname, '..'), `prebuilds/${process.platform}-${process.arch}/prefork.node`);

await import('./save-code.mjs').catch(() => {}); // In a checkout there may be no programs yet.
const reason = whyNot();
if (reason !== undefined) {
  console.error(`prefork: ${reason}`);
  process.exitCode = 1;
}

/** Why the prebuilt addon is not used; undefined when it loads. */
function whyNot() {
  if (process.env.npm_config_build_from_source === 'true') return '--build-from-source is set';
  if (!existsSync(prebuilt)) return `there is no prebuilt addon for ${process.platform} on ${process.arch}`;
  if (!hasGlibc()) return 'the prebuilt addon is for glibc';
  try {
    if (createRequire(import.meta.url)(prebuilt).getpid() === process.pid) return undefined;
    return 'the prebuilt addon does not work';
  } catch (error) {
    return `the prebuilt addon does not load (${error.message})`;
  }
}

/** The mappings first, as in src/posix/binding.ts: the report takes ten times as long. */
function hasGlibc() {
  if (process.env.PREFORK_PLATFORM === 'musl') return false;
  try {
    if (/\/libc(\.so\.6|-2\.\d+\.so)$/m.test(readFileSync('/proc/self/maps', 'latin1'))) return true;
  } catch {} // There is no /proc.
  return process.report.getReport().header.glibcVersionRuntime !== undefined;
}
