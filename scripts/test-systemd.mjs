// npm run test:systemd: boots emulated machines with Debian's own kernel and a real systemd, and tries the packed package
// in them as a service. An emulator is 20 to 60 times slower than a processor.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { needPrograms } from './debian-roots.mjs';
import { emulatorVersion, fileIn, keepResult } from './emulator.mjs';
import { nodeBinary } from './nodes.mjs';
import { runMachine } from './systemd/machine.mjs';
import { TRIALS } from './systemd/trials.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const QEMU = 'qemu-system-x86_64';
const RESULTS = 'docs/systemd-results.json';
const HELP = `npm run test:systemd -- [options]
  --suite LIST         Debian releases, with commas: bullseye, bookworm, trixie (default bookworm,trixie)
  --node VERSION       as npm has it, or the path of a binary (default: this one)
  --trial LIST         by the beginnings of their names (default: all)
  --trial-seconds N    a trial that takes longer has failed (default 300)
  --cpu NAME           as QEMU names it (default max)
  --memory MIB         (default 3072)
  --seconds N          a machine that runs longer is switched off (default 3000)
Appends what was seen to ${RESULTS}; the exit status is 1 unless every trial went well. The trials:
  ${Object.keys(TRIALS).join('\n  ')}`;

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: 'bookworm,trixie' },
    node: { type: 'string', default: process.execPath },
    trial: { type: 'string', default: '' },
    'trial-seconds': { type: 'string', default: '300' },
    cpu: { type: 'string', default: 'max' },
    memory: { type: 'string', default: '3072' },
    seconds: { type: 'string', default: '3000' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
const beginnings = values.trial.split(',');
const trials = Object.keys(TRIALS).filter((name) => beginnings.some((text) => name.startsWith(text)));
if (trials.length === 0) throw new Error(`--trial ${values.trial}: no such trial; see --help`);

needPrograms(['mmdebstrap', 'cpio', 'dpkg-deb', QEMU]);
run('node', 'scripts/setup.mjs');
run('node', 'scripts/prebuilds.mjs', '--if-changed');
const { path: node } = nodeBinary(values.node);
const folder = mkdtempSync(join(tmpdir(), 'prefork-systemd-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
run('npm', 'pack', '--silent', '--pack-destination', folder);
const installed = join(folder, 'installed');
const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
run('npm', 'install', ...flags, '--prefix', installed, fileIn(folder, /\.tgz$/));

for (const suite of values.suite.split(',')) {
  const told = [];
  const log = join(tmpdir(), `prefork-systemd-${suite}.log`);
  rmSync(log, { force: true });
  const end = await runMachine({
    suite,
    node,
    installed,
    trials,
    trialSeconds: Number(values['trial-seconds']),
    cpu: values.cpu,
    memory: Number(values.memory),
    seconds: Number(values.seconds),
    folder,
    onLine({ log: text, ...line }) {
      told.push(line);
      console.log(`${suite}: ${lineOf(line)}`);
      if (text !== undefined) writeFileSync(log, `${line.name}\n${text}\n\n`, { flag: 'a' });
    },
  });
  const [machine = {}, ...seen] = told;
  const isWhole = seen.length === trials.length + 1 && end === 'powered off';
  const isWell = isWhole && seen.every((each) => each.end !== 'FAILED');
  if (!isWhole) cpSync(join(folder, 'console.log'), log);
  console.log(`${suite}: ${isWell ? 'all well' : 'FAILED'}, ${end}${existsSync(log) ? `; see ${log}` : ''}`);
  keepResult(RESULTS, {
    date: new Date().toISOString(),
    suite,
    cpu: values.cpu,
    emulator: emulatorVersion(QEMU),
    end,
    ...machine,
    trials: seen,
  });
  if (!isWell) process.exitCode = 1;
}

function lineOf({ name, end, seconds, saw, ...machine }) {
  if (name === undefined) return JSON.stringify(machine);
  return `${end.padEnd(8)} ${name} (${seconds} s): ${saw}`;
}

function run(program, ...args) {
  execFileSync(program, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
}
