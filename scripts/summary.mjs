// Prints "N passed, N failed": summary.mjs RESULTS STATUS, vitest's JSON report and the exit status of the tests.
import { readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);
const text = readFileSync(file, 'utf8');
const { numPassedTests: passed, testResults } = text === '' ? { numPassedTests: 0, testResults: [] } : JSON.parse(text);

// A file that could not run has no failed test in it.
const perFile = testResults.map(({ status, assertionResults }) => {
  const tests = assertionResults.filter((test) => test.status === 'failed').length;
  return Math.max(tests, status === 'failed' ? 1 : 0);
});
let failed = perFile.reduce((sum, count) => sum + count, 0);
if (failed === 0 && status !== '0') {
  console.log('something outside the tests failed: see above');
  failed = 1;
}
console.log(`${passed} passed, ${failed} failed`);
