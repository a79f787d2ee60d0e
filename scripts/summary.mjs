// Prints "N passed, N failed" from the results that vitest's JSON reporter wrote; a file whose tests did not run has failed.
import { readFileSync } from 'node:fs';

const text = readFileSync(process.argv[2], 'utf8');
const { numPassedTests = 0, numFailedTests = 0, testResults = [] } = text === '' ? {} : JSON.parse(text);
const broken = testResults.filter((file) => file.status === 'failed' && !file.assertionResults.some(failed)).length;

if (text === '') console.log('the tests did not start');
console.log(`${numPassedTests} passed, ${numFailedTests + broken} failed`);

function failed({ status }) {
  return status === 'failed';
}
