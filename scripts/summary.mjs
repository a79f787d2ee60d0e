// Prints "N passed, N failed": summary.mjs RESULTS STATUS …, pairs of a report as vitest's JSON has it and of the exit
// status of what wrote it.
import { readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
for (let pairs = process.argv.slice(2); pairs.length > 0; pairs = pairs.slice(2)) {
  const counts = count(...pairs);
  passed += counts.passed;
  failed += counts.failed;
}
console.log(`${passed} passed, ${failed} failed`);

function count(file, status) {
  const text = readFileSync(file, 'utf8');
  const { numPassedTests, testResults } = text === '' ? { numPassedTests: 0, testResults: [] } : JSON.parse(text);

  // A file that could not run has no failed test in it.
  const perFile = testResults.map(({ status, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === 'failed').length;
    return Math.max(tests, status === 'failed' ? 1 : 0);
  });
  const failed = perFile.reduce((sum, count) => sum + count, 0);
  if (failed > 0 || status === '0') return { passed: numPassedTests, failed };
  console.log('something outside the tests failed: see above');
  return { passed: numPassedTests, failed: 1 };
}
