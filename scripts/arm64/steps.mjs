// Runs in the emulated machine: one step after another, and notes in /share/report.json how each has ended. The host
// has written what is to be run into /share/plan.json.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';

const plan = JSON.parse(readFileSync('/share/plan.json', 'utf8'));
const { header } = process.report.getReport();
const auxv = new BigUint64Array(new Uint8Array(readFileSync('/proc/self/auxv')).buffer);
const AT_PAGESZ = 6n;
const machine = {
  node: process.version,
  kernel: release(),
  glibc: header.glibcVersionRuntime,
  pageSize: Number(auxv[auxv.findIndex((type, i) => i % 2 === 0 && type === AT_PAGESZ) + 1]),
  processors: cpus().length,
};
const steps = [];
note();
for (const { name, program, args, seconds } of plan.steps) {
  console.log(`arm64: ${name} …`);
  const started = Date.now();
  const log = openSync(`/share/${name}.log`, 'w');
  const child = spawn(program, args, {
    stdio: ['ignore', log, log],
    detached: true,
    env: { ...process.env, NO_COLOR: '1', ...plan.env },
  });
  const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), seconds * 1000);
  const [code, signal] = await once(child, 'exit');
  clearTimeout(timer);
  closeSync(log);
  const took = Math.round((Date.now() - started) / 1000);
  const end = code === 0 ? 'well' : signal === 'SIGKILL' ? `not finished in ${seconds} s` : `FAILED, ${code ?? signal}`;
  steps.push({ name, end, seconds: took, saw: summary(readFileSync(`/share/${name}.log`, 'utf8')) });
  console.log(`arm64: ${name}: ${end} after ${took} s`);
  note();
}

/** What the log says of numbers: vitest's line of tests, the stress's of forks, or simply the last line. */
function summary(log) {
  const tests = /^ *Tests +(.*?) *$/m.exec(log)?.[1];
  const last = log.trimEnd().split('\n').at(-1);
  if (tests !== undefined || !last.startsWith('{"seed"')) return tests ?? last.slice(0, 100);
  const { forks, refused, forkMs } = JSON.parse(last).rows[0];
  return `${forks} forks, ${refused} refused, ${forkMs.median} ms each`;
}

function note() {
  writeFileSync('/share/report.json', JSON.stringify({ ...machine, steps }));
}
