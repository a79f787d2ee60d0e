// npm run bench:accept: six processes share a listener in five ways. Who takes how many connections, how long they wait.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../dist/util/statistics.js';
import { machine as machineNow, outOf, save } from './report.mjs';

const WAYS = {
  blocking: 'accept(2) blocks',
  thread: 'a thread blocks in it, 8 permits',
  shared: 'epoll, as libuv',
  exclusive: 'EPOLLEXCLUSIVE',
  rotating: 'EPOLLEXCLUSIVE, then to the tail',
};
const LOADS = {
  spaced: '600 connections, 2 ms apart',
  burst: '600 connections at once',
  saturated: '20000 connections, 64 at a time',
  stuck: '300 connections, 10 ms apart; one worker sleeps 1 s for each of its own',
};

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const rounds = Number(values.rounds);
const load = loadavg();
const folder = mkdtempSync(join(tmpdir(), 'accept-'));
const program = join(folder, 'accept');
execFileSync(process.env.CC ?? 'cc', ['-O2', '-pthread', '-o', program, join(import.meta.dirname, 'accept/accept.c')]);

const measured = [];
for (let round = 0; round < rounds; round++) {
  for (const name of Object.keys(LOADS)) {
    for (const way of Object.keys(WAYS)) {
      measured.push(JSON.parse(execFileSync(program, [way, name], { encoding: 'utf8', timeout: 120_000 })));
    }
  }
}
rmSync(folder, { recursive: true });

function row(way, runs) {
  const of = (pick) => median(runs.map(pick));
  return {
    way: WAYS[way],
    'least taken': of(({ taken }) => Math.min(...taken)),
    'most taken': of(({ taken }) => Math.max(...taken)),
    'woken in vain': of(({ useless }) => useless),
    'connections/s': of(({ rate }) => rate),
    'CPU, µs each': of(({ cpuUs }) => cpuUs),
    'switches each': of(({ switches }) => switches),
    'wait, ms': of(({ waitUs }) => waitUs.median) / 1000,
    'p99, ms': of(({ waitUs }) => waitUs.p99) / 1000,
    'max, ms': of(({ waitUs }) => waitUs.max) / 1000,
    'over 0.5 s': of(({ late }) => late),
  };
}

for (const [name, title] of Object.entries(LOADS)) {
  console.log(`${title}: medians of ${rounds}`);
  console.table(
    Object.keys(WAYS).map((way) =>
      row(
        way,
        measured.filter((run) => run.load === name && run.way === way),
      ),
    ),
  );
}
const { cpu, cores: processors, kernel } = machineNow();
const machine = { kernel, cpu, processors, load: load[0] };
const file = outOf(undefined, 'accept.json');
save(file, { date: new Date().toISOString(), machine, ways: WAYS, loads: LOADS, runs: measured });
console.log(file);
