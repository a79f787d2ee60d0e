// npm's install script of the package: the prebuilt addon is used where it loads, else one is built here, and the programs
// are compiled. Where scripts are not run, dist/posix/binding.js finds the prebuilt addon by itself, and each process
// compiles what it needs.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const prebuilt = join(resolve(import.meta.dirname, '..'), `prebuilds/${process.platform}-${process.arch}/prefork.node`);
const hasGlibc =
  process.env.PREFORK_PLATFORM !== 'musl' && process.report.getReport().header.glibcVersionRuntime !== undefined;

await import('./save-code.mjs').catch(() => {}); // In a checkout there may be no programs yet.
const reason = whyNot();
if (reason === undefined) process.exit();
console.error(`prefork: ${reason}`);
await import('./build-native.mjs');

/** Why the prebuilt addon is not used; undefined when it loads. */
function whyNot() {
  if (process.env.npm_config_build_from_source === 'true') return '--build-from-source is set';
  if (!existsSync(prebuilt)) return `there is no prebuilt addon for ${process.platform} on ${process.arch}`;
  if (!hasGlibc) return 'the prebuilt addon is for glibc';
  // In a process of its own, which it may crash.
  const test = 'require(process.argv[1]).getpid() === process.pid || process.exit(1)';
  const { status, stderr } = spawnSync(process.execPath, ['-e', test, prebuilt], { encoding: 'utf8' });
  if (status === 0) return undefined;
  return `the prebuilt addon does not load (${/Error: (.*)/.exec(stderr)?.[1] ?? `status ${status}`})`;
}
