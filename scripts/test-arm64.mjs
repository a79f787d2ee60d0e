// npm run test:arm64: boots an emulated aarch64 machine and runs tests and stress in it, with the prebuilt addon. An
// emulator is 20 to 60 times slower than a processor, so that each run has few forks.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PAGES, runMachine } from './arm64/machine.mjs';
import { CACHE, needPrograms } from './debian-roots.mjs';
import { emulatorVersion, keepResult } from './emulator.mjs';
import { nodePackage } from './nodes.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const ACTIVITIES = 'idle,allocating,compiling,serving,usingThePool,gettingSignals,withWorkers,all';
const TESTS = [
  ...['native/', 'integration/posix/fork-behaviours', 'integration/posix/fork-siblings'],
  ...['integration/posix/fork-workers', 'integration/monitor/stop', 'integration/monitor/reload'],
  ...['integration/monitor/deaths', 'integration/inspect/inspect', 'integration/tutorial/echo-exactly-once'],
];
const HELP = `npm run test:arm64 -- [options]
  --node LIST        versions from npm, with commas (default 20)
  --forks N          forks of the stress per activity; 0: no stress (default 10)
  --activity LIST    of the stress (default ${ACTIVITIES})
  --tests LIST       test files, or the beginnings of their names (default ${TESTS.join(',')})
  --pages SIZE       of the kernel: ${PAGES.join(', ')} (default 4k)
  --suite NAME       the Debian whose C library is used (default bookworm)
  --cpu NAME         as QEMU names it; not max, which computes wrongly (default neoverse-n1)
  --memory MIB       (default 3072)
  --step-seconds N   a step that takes longer is ended (default 3600)
  --slowness N       by how much all deadlines are longer, also by PREFORK_SLOWNESS (default 40)
Appends what was seen to docs/arm64-results.json; the exit status is 1 unless every step went well.`;

const { values } = parseArgs({
  options: {
    node: { type: 'string', default: '20' },
    forks: { type: 'string', default: '10' },
    activity: { type: 'string', default: ACTIVITIES },
    tests: { type: 'string', default: TESTS.join(',') },
    pages: { type: 'string', default: '4k' },
    suite: { type: 'string', default: 'bookworm' },
    cpu: { type: 'string', default: 'neoverse-n1' },
    memory: { type: 'string', default: '3072' },
    'step-seconds': { type: 'string', default: '3600' },
    slowness: { type: 'string', default: process.env.PREFORK_SLOWNESS ?? '40' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
const seconds = Number(values['step-seconds']);
const forks = Number(values.forks);

needPrograms(['mmdebstrap', 'cpio', 'xz', 'dpkg-deb', 'qemu-system-aarch64']);
run(process.execPath, 'scripts/setup.mjs');
run(process.execPath, 'scripts/prebuilds.mjs', '--if-changed');
const modules = dependencies();

const list = (text) => text.split(',').filter((each) => each !== '');
const step = (name, args) => ({ name, program: 'node', args, seconds });
const steps = [
  step('emulator', ['scripts/emulator-check.mjs', '20']),
  step('serve', ['scripts/arm64/serve.mjs']),
  ...list(values.tests).map((file) =>
    step(file.replaceAll(/\W+/g, '-').replace(/-$/, ''), [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--no-file-parallelism',
      `test/${file}`,
    ]),
  ),
  ...(forks === 0 ? [] : list(values.activity)).map((activity) =>
    step(`stress-${activity}`, [
      'stress/main.mjs',
      '--count',
      `${forks}`,
      '--activity',
      activity,
      '--concurrency',
      '2',
      '--seed',
      '1',
    ]),
  ),
];

let ok = true;
for (const version of list(values.node)) {
  const share = mkdtempSync(join(tmpdir(), 'prefork-arm64-'));
  const own = [
    'dist',
    'native',
    'prebuilds',
    'src',
    'scripts',
    'stress',
    'test',
    'docs',
    'examples',
    'package.json',
    'vitest.config.ts',
    'tsconfig.json',
  ];
  run('tar', 'cf', join(share, 'project.tar'), ...own, '-C', modules, 'node_modules');
  writeFileSync(join(share, 'plan.json'), JSON.stringify({ env: { PREFORK_SLOWNESS: values.slowness }, steps }));
  const end = await runMachine({
    suite: values.suite,
    node: nodePackage(version, 'arm64'),
    pages: values.pages,
    cpu: values.cpu,
    memory: Number(values.memory),
    seconds: seconds * steps.length,
    share,
  });
  rmSync(join(share, 'initramfs.cpio'), { force: true });
  const seen = existsSync(join(share, 'report.json'))
    ? JSON.parse(readFileSync(join(share, 'report.json'), 'utf8'))
    : { steps: [] };
  console.log(`arm64: ${end}; the logs are in ${share}`);
  console.table(seen.steps);
  keepResult('docs/arm64-results.json', {
    date: new Date().toISOString(),
    cpu: values.cpu,
    emulator: emulatorVersion('qemu-system-aarch64'),
    forks,
    slowness: Number(values.slowness),
    ...seen,
  });
  if (seen.steps.length < steps.length || seen.steps.some((each) => each.end !== 'well')) ok = false;
}
process.exitCode = ok ? 0 : 1;

function run(program, ...args) {
  execFileSync(program, args, { cwd: ROOT, stdio: 'inherit' });
}

/** A folder with the dependencies as they are on arm64, without those that only lint and compile. */
function dependencies() {
  const folder = join(CACHE, 'modules-arm64');
  const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  const kept = join(folder, 'package-lock.json');
  if (!existsSync(join(folder, 'node_modules')) || readFileSync(kept, 'utf8') !== lock) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), readFileSync(join(ROOT, 'package.json')));
    writeFileSync(kept, lock);
    const platform = ['--cpu=arm64', '--os=linux', '--libc=glibc', '--ignore-scripts', '--include=dev'];
    execFileSync('npm', ['ci', ...platform, '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    for (const name of ['@biomejs', '@typescript', 'typescript', 'cmake-js', 'node-gyp', 'chromium'])
      rmSync(join(folder, 'node_modules', name), { recursive: true, force: true });
  }
  return folder;
}
