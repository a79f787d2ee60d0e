// The first part of npm's install script of the package: succeeds where the prebuilt addon loads, else the second part
// (build-native.mjs) builds one, also when this process crashed; and compiles the programs. Where scripts are not run,
// dist/posix/binding.js finds the prebuilt addon by itself, and each process compiles what it needs.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { canFork, prebuilt, untried } from './c-library.mjs';

await import('./save-code.mjs').catch(() => {}); // In a checkout there may be no programs yet.
const reason = whyNot();
if (reason !== undefined) {
  console.error(`prefork: ${reason}`);
  process.exitCode = 1;
}

/** Why the prebuilt addon is not used; undefined when it loads. */
function whyNot() {
  if (process.env.npm_config_build_from_source === 'true') return '--build-from-source is set';
  if (!canFork) return `there is no prebuilt addon for ${untried}`;
  if (!existsSync(prebuilt)) return 'there is no prebuilt addon for this platform';
  try {
    if (createRequire(import.meta.url)(prebuilt).getpid() === process.pid) return undefined;
    return 'the prebuilt addon does not work';
  } catch (error) {
    return `the prebuilt addon does not load (${error.message})`;
  }
}
