// npm run test:apps: real apps from npm, against real servers, under plain node and under `prefork start`.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeBinary } from '../scripts/nodes.mjs';
import { readCases } from './harness/cases.mjs';
import { provideServers } from './harness/debian-servers.mjs';
import { expectationOf, judge } from './harness/expectation.mjs';
import { removeFolders } from './harness/folder.mjs';
import { installPackages } from './harness/packages.mjs';
import { endAll, killAll } from './harness/processes.mjs';
import { writeReport } from './harness/report.mjs';
import { tryCase } from './harness/trial.mjs';
import { Servers } from './servers/index.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const REPORT = resolve(ROOT, 'docs/apps-tested.md');
const HELP = `npm run test:apps -- [options]
  --node LIST    versions of Node (default 20,22,24)
  --only LIST    cases whose names are or begin with these
  --quick        the part that fits in five minutes, on this Node
  --jobs N       how many at a time (default 2)
  --install      install missing packages of Debian with apt-get; so it is when CI is set
  --results FILE the outcome of each, in the format of vitest's JSON reporter
  --report FILE  where to write the report, after each version of Node (default docs/apps-tested.md, when all cases are
                 tried on all of 20, 22, 24)
  --verbose      show the output of apps that did not do as expected
  --list         only name the cases
The exit status is 1 when an app did otherwise than its case expects.`;

const { values } = parseArgs({
  options: {
    node: { type: 'string' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
    install: { type: 'boolean', default: Boolean(process.env.CI) },
    results: { type: 'string' },
    report: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}

const cases = chosen(await readCases());
if (values.list) {
  for (const { name } of cases) console.log(name);
  process.exit();
}

const servers = new Servers();
process.on('exit', () => {
  killAll();
  removeFolders();
});
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.on(signal, () => process.exit(status));
}

const began = performance.now();
const outcomes = [];
try {
  const kinds = [...new Set(cases.flatMap(({ servers = [] }) => servers))];
  provideServers(kinds, values.install);
  build();
  const nodes = (values.node ?? (values.quick ? process.versions.node : '20,22,24')).split(',').map(nodeBinary);
  const packages = await installPackages(!cases.every(({ quick }) => quick));
  const tasks = nodes.flatMap((node) => cases.map((testCase) => ({ node, testCase })));
  const file = values.report ?? (isComplete(nodes) ? REPORT : undefined);
  await Promise.all(Array.from({ length: Number(values.jobs) }, () => work(tasks, packages, file)));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await servers.end();
  await endAll();
}
summarise();

/** Takes one task after the other. @param file the report, written whenever a version of Node is through */
async function work(tasks, packages, file) {
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
    const { node, testCase } = task;
    const start = performance.now();
    const outcome = await attempt(testCase, node, packages);
    outcome.seconds = (performance.now() - start) / 1000;
    outcomes.push(outcome);
    tell(outcome);
    const isThrough = ({ node }) => outcomes.filter((each) => each.node === node).length === cases.length;
    if (file && isThrough(outcome)) writeReport(file, outcomes.filter(isThrough), packages);
  }
}

/** The case as it is, and with its remedy where it does not run so. */
async function attempt(testCase, node, packages) {
  const major = Number.parseInt(node.version.slice(1), 10);
  const expected = expectationOf(testCase, major);
  const outcome = { testCase, node };
  try {
    outcome.result = await tryCase(testCase, node, { packages, servers });
    outcome.problem = judge(expected, outcome.result);
    if (testCase.remedy && outcome.result.outcome !== 'unmodified' && outcome.problem === undefined) {
      outcome.remedied = await tryCase(testCase, node, { packages, servers, variant: testCase.remedy.variant });
      if (outcome.remedied.outcome !== 'unmodified') outcome.problem = `with its remedy: ${outcome.remedied.message}`;
    }
  } catch (error) {
    outcome.result ??= { outcome: 'broken', message: error.stack, output: '' };
    outcome.problem = error.stack;
  }
  return outcome;
}

function tell({ testCase, node, result, remedied, problem, seconds }) {
  const how = [result.outcome, remedied && 'runs with its remedy'];
  const mark = problem === undefined ? 'ok  ' : 'FAIL';
  console.log(
    `${mark} ${testCase.name}, Node ${node.version.slice(1)}: ${how.filter(Boolean).join(', ')} (${seconds.toFixed(1)} s)`,
  );
  if (values.verbose) console.log(`       ${result.message}`.slice(0, 1500));
  if (values.verbose) console.log(`       ${[...(result.times ?? []), ...(remedied?.times ?? [])].join(', ')}`);
  if (problem === undefined) return;
  console.log(problem.replace(/^/gm, '       '));
  if (values.verbose) console.log((remedied ?? result).output.replace(/^/gm, '     | '));
}

function summarise() {
  const failed = outcomes.filter(({ problem }) => problem !== undefined);
  const unmodified = outcomes.filter(({ result }) => result.outcome === 'unmodified').length;
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `\n${outcomes.length} trials in ${seconds} s: ${unmodified} ran unmodified, ${failed.length} not as expected`,
  );
  for (const { testCase, node } of failed) console.log(`  ${testCase.name}, Node ${node.version.slice(1)}`);
  if (failed.length > 0) process.exitCode = 1;
  if (values.results) writeFileSync(values.results, JSON.stringify(asVitestHasIt()));
}

/** The fields of vitest's report that scripts/summary.mjs reads. */
function asVitestHasIt() {
  const testResults = outcomes.map(({ testCase, problem }) => {
    const status = problem === undefined ? 'passed' : 'failed';
    return { name: testCase.name, status, assertionResults: [{ status }] };
  });
  return { testResults };
}

function chosen(all) {
  const wanted = values.only?.split(',');
  const unknown = wanted?.filter((name) => !all.some((testCase) => testCase.name.startsWith(name))) ?? [];
  if (unknown.length > 0) throw new RangeError(`--only: no case is called ${unknown.join(', ')}`);
  return all.filter(
    ({ name, quick }) => (!values.quick || quick) && (!wanted || wanted.some((begin) => name.startsWith(begin))),
  );
}

function isComplete(nodes) {
  const majors = nodes.map(({ version }) => Number.parseInt(version.slice(1), 10));
  return !values.only && !values.quick && [20, 22, 24].every((major) => majors.includes(major));
}

function build() {
  const { status } = spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error('the build failed');
}
