// npm run bench:survival: how much of what a connection allocates outlives a collection of the young generation, in a
// worker of prefork and in one plain Node process. The less, the smaller the heap and the longer pages stay shared.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from './cost/report.mjs';
import { askMany, untilAnswered } from './servers/client.mjs';
import { freePort } from './servers/contestants.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, requests: { type: 'string', default: '20000' } },
});
const rounds = Math.min(20, Math.max(1, Number(values.rounds)));
const requests = Math.min(1_000_000, Math.max(2000, Number(values.requests)));
const APP = join(import.meta.dirname, 'servers/trivial.mjs');
const PROGRAM = resolve(import.meta.dirname, '../dist/cli/main.js');
// V8's own account of each collection, on standard output, and a young generation of one size.
const FLAGS = ['--trace-gc-nvp', '--min-semi-space-size=1', '--max-semi-space-size=1'];
const WAYS = {
  node: [APP],
  'prefork, 1 worker': [PROGRAM, 'start', '--workers', '1', APP],
};

const rows = [];
for (let round = 1; round <= rounds; round++) {
  for (const [way, args] of Object.entries(WAYS)) rows.push({ round, way, ...(await measure(args)) });
}
console.log(`${process.version}, ${requests} requests, a connection for each`);
table(rows);

async function measure(args) {
  const port = await freePort();

  const env = { ...process.env, PORT: `${port}` };
  const child = spawn(process.execPath, [...FLAGS, ...args], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (data) => {
    text += data;
  });
  try {
    const [[pid]] = await untilAnswered(port, 1);
    await askMany(port, 2000); // Until what is made once is made.
    text = '';
    await askMany(port, requests);
    return survival(text, pid);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
}

/** Of all scavenges of one process together: the bytes that were copied or promoted, of those that were allocated. */
function survival(text, pid) {
  const scavenges = text.split('\n').filter((line) => line.startsWith(`[${pid}:`) && / gc=s /.test(line));
  const sum = (name) =>
    scavenges.reduce((all, line) => all + Number(new RegExp(` ${name}=(\\d+)`).exec(line)?.[1] ?? 0), 0);
  const [copied, promoted, allocated] = ['new_space_survived', 'promoted', 'allocated'].map(sum);
  const per = (bytes) => `${((100 * bytes) / allocated).toFixed(1)} %`;
  return {
    scavenges: scavenges.length,
    'MB allocated': (allocated / 1e6).toFixed(0),
    copied: per(copied),
    promoted: per(promoted),
  };
}
