// A machine without the programs that tests start: they are skipped, and the summary says so.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../helpers/folder.js';
import { type Running, startNode } from '../../helpers/process.js';

async function summaryOf(report: string, status: number): Promise<[number | null, string]> {
  const summary = await startNode(['scripts/summary.mjs', report, `${status}`]);
  const { code } = await summary.closed;
  return [code, summary.stdout.text];
}

function runVitest(args: readonly string[], path: string): Promise<Running> {
  return startNode(['node_modules/vitest/vitest.mjs', 'run', ...args], { env: { PATH: path, NO_COLOR: '1' } });
}

test('without telnet its test is skipped with the package named, which is a success of npm test and none of the CI', async () => {
  const folder = temporaryFolder();
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`];
  const tests = await runVitest(
    ['test/integration/tutorial/echo-lines.test.ts', '-t', 'the real telnet', ...reporters],
    folder,
  );
  expect(await tests.closed).toEqual({ code: 0, signal: null });
  expect(tests.stderr.text).toMatch(/^.*telnet.*: not installed; apt-get install .*telnet\nThe tests that need it/m);
  expect(tests.stdout.text).toMatch(/the real telnet .*\[telnet: not installed; apt-get install telnet\]/);
  const [code, text] = await summaryOf(report, 0);
  expect(text).toMatch(/^skipped for want of telnet: the real telnet\n0 passed, 0 failed, \d+ skipped\n$/);
  expect(code).toBe(1);
});

const passed = { status: 'passed', fullName: 'one', meta: { missing: [] } };
const skipped = { status: 'skipped', fullName: 'two', meta: { missing: [] } };

test.each([
  [[{ status: 'passed', assertionResults: [passed, passed] }], 0, '2 passed, 0 failed\n', 0],
  [[{ status: 'passed', assertionResults: [passed, skipped] }], 0, '1 passed, 0 failed, 1 skipped\n', 0],
  [[{ status: 'failed', assertionResults: [passed, { status: 'failed' }] }], 1, '1 passed, 1 failed\n', 1],
  [[{ status: 'failed', assertionResults: [] }], 1, '0 passed, 1 failed\n', 1],
  [[{ status: 'passed', assertionResults: [passed] }], 1, /outside the tests failed.*\n1 passed, 1 failed\n$/, 1],
])('the summary of %j', async (testResults, status, text, code) => {
  const report = join(temporaryFolder(), 'report.json');
  writeFileSync(report, JSON.stringify({ testResults }));
  expect(await summaryOf(report, status)).toEqual([
    code,
    typeof text === 'string' ? text : expect.stringMatching(text),
  ]);
});

test('tests that have not even begun are a failure', async () => {
  const report = join(temporaryFolder(), 'report.json');
  writeFileSync(report, '');
  expect(await summaryOf(report, 1)).toEqual([1, expect.stringMatching(/\n0 passed, 1 failed\n$/)]);
});

test('several reports are summed up in one line', async () => {
  const folder = temporaryFolder();
  const [tests, apps] = ['tests.json', 'apps.json'].map((name) => join(folder, name)) as [string, string];
  writeFileSync(tests, JSON.stringify({ testResults: [{ status: 'passed', assertionResults: [passed, skipped] }] }));
  const failed = { status: 'failed', assertionResults: [{ status: 'failed' }] };
  writeFileSync(apps, JSON.stringify({ testResults: [{ status: 'passed', assertionResults: [passed] }, failed] }));
  const summary = await startNode(['scripts/summary.mjs', tests, '0', apps, '1']);
  expect(await summary.closed).toMatchObject({ code: 1 });
  expect(summary.stdout.text).toBe('2 passed, 1 failed, 1 skipped\n');
});
