// summary.mjs RESULTS STATUS …: prints what reports in vitest's JSON format, each with the exit status of what wrote it,
// come to together, at last as the line "N passed, N failed", with ", N skipped" behind it where some were. Exits with 1
// unless all is well: a test that was skipped as a program is missing has not been run, and is no success.
import { readFileSync } from 'node:fs';

let failed = 0;
const tests = [];
for (let pairs = process.argv.slice(2); pairs.length > 0; pairs = pairs.slice(2)) {
  const [file, status] = pairs;
  const text = readFileSync(file, 'utf8');
  const { testResults } = text.trim() === '' ? { testResults: [] } : JSON.parse(text);
  tests.push(...testResults.flatMap(({ assertionResults }) => assertionResults));
  failed += failures(testResults, status);
}

const count = (...wanted) => tests.filter((test) => wanted.includes(test.status)).length;
const unable = tests.filter(({ status, meta }) => status === 'skipped' && meta?.missing?.length > 0);
for (const { fullName, meta } of unable) console.log(`skipped for want of ${meta.missing.join(', ')}: ${fullName}`);
const skipped = count('skipped', 'pending', 'todo', 'disabled');
console.log(`${count('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 || unable.length > 0 ? 1 : 0;

function failures(testResults, status) {
  // A file that could not run has no failed test in it.
  const perFile = testResults.map((each) => {
    const failed = each.assertionResults.filter((test) => test.status === 'failed').length;
    return Math.max(failed, each.status === 'failed' ? 1 : 0);
  });
  const failed = perFile.reduce((sum, each) => sum + each, 0);
  if (failed > 0 || status === '0') return failed;
  console.log('something outside the tests failed: see above');
  return 1;
}
