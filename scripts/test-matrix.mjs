// npm run test:matrix: the test suite under each version of Node, with one build of the addon, which Node-API allows.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeBinary } from './nodes.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  options: { node: { type: 'string', default: '20,22,24,26' } },
  allowPositionals: true, // Handed to vitest: names of test files.
});
const nodes = values.node.split(',').map(nodeBinary);

run(process.execPath, ['scripts/setup.mjs']);
const results = mkdtempSync(join(tmpdir(), 'test-matrix-'));
const rows = nodes.map(({ path, version }) => {
  console.log(`\n${version}`);
  // The same build of the addon has to load in every version.
  const loads = run(path, [
    '-e',
    "require('./build/Release/prefork.node').getpid() === process.pid || process.exit(1)",
  ]);
  const report = join(results, version);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const ok = run(path, ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...positionals]);
  return { version, addon: loads ? 'loads' : 'FAILS', ...counts(report), ok: loads && ok };
});
rmSync(results, { recursive: true });

console.table(rows);
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;

function run(program, args) {
  return spawnSync(program, args, { stdio: 'inherit', cwd: ROOT }).status === 0;
}

function counts(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, startTime, testResults } = JSON.parse(
      readFileSync(report),
    );
    const end = Math.max(...testResults.map(({ endTime }) => endTime));
    const seconds = Math.round((end - startTime) / 1000);
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests, seconds };
  } catch (error) {
    return { passed: 0, failed: error.message, skipped: 0, seconds: 0 };
  }
}
