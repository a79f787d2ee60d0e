// npm run bench:cost: what a child of "prefork echo" costs in memory, time and context switches, beside a plain Node child.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { contextSwitches, memoryOf } from './cost/proc.mjs';
import { nodeFamily, onlyJson, preforkServer, serveAll } from './cost/processes.mjs';
import { byWorkers, spread, table } from './cost/report.mjs';

const HELP = `npm run bench:cost -- [options]
  --workers LIST   how many children, with commas (default: 3,16,64; each up to 256)
  --runs N         how often everything is measured (default: 5, up to 50)
  --seconds N      how long round trips are made, per run (default: 2, up to 60)
  --lines N        lines that each child serves before its memory is read again (default: 2000, up to 100000)
  --forks N        forks that are timed, per run (default: 50, up to 1000)
  --out FILE       where the raw numbers go (default: bench/results/cost-DATE.json)`;

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '3,16,64' },
    runs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    lines: { type: 'string', default: '2000' },
    forks: { type: 'string', default: '50' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
const workers = values.workers.split(',').map((value) => bounded('workers', value, 256));
const runs = bounded('runs', values.runs, 50);
const seconds = bounded('seconds', values.seconds, 60);
const lines = bounded('lines', values.lines, 100_000);
const forks = bounded('forks', values.forks, 1000);
const date = new Date().toISOString();
const out = resolve(values.out ?? join(import.meta.dirname, 'results', `cost-${date.slice(0, 10)}.json`));

const samples = { memory: [], forks: [], roundTrips: [] };
for (let run = 1; run <= runs; run++) {
  const load = loadavg()[0];
  console.error(`run ${run} of ${runs}, load ${load.toFixed(1)}`);
  for (const kind of ['prefork', 'child_process.fork', 'node:cluster']) {
    for (const count of workers) samples.memory.push({ run, kind, workers: count, ...(await memory(kind, count)) });
  }
  samples.forks.push({ run, load, ...(await onlyJson('cost/fork-time.mjs', forks)) });
  samples.roundTrips.push({ run, load, ...(await roundTrips()) });
}

const machine = {
  cpu: cpus()[0].model,
  cores: availableParallelism(),
  kernel: release(),
  node: process.version,
  load: loadavg()[0],
};
mkdirSync(resolve(out, '..'), { recursive: true });
writeFileSync(out, `${JSON.stringify({ date, machine, runs, seconds, lines, samples })}\n`);
report();

/** In KiB, of the parent and each child: idle and, for the echo server, after each child has served its lines. */
async function memory(kind, count) {
  const family = await (kind === 'prefork' ? preforkServer(count) : nodeFamily(kind, count));
  try {
    const idle = family.pids.map(memoryOf);
    if (kind !== 'prefork') return { idle };
    await serveAll(family, lines);
    return { idle, served: family.pids.map(memoryOf) };
  } finally {
    await family.end();
  }
}

/** Lines echoed to one blocking client, and the context switches of the child meanwhile. */
async function roundTrips() {
  const family = await preforkServer(1);
  try {
    const before = contextSwitches(family.pids[1]);
    const client = await onlyJson('cost/client.mjs', family.port, seconds);
    const after = contextSwitches(family.pids[1]);
    return {
      ...client,
      voluntary: after.voluntary - before.voluntary,
      involuntary: after.involuntary - before.involuntary,
    };
  } finally {
    await family.end();
  }
}

function report() {
  const mib = (kib) => kib / 1024;
  const columns = { rss: 'RSS', pss: 'PSS', own: 'private' };
  console.log(`${machine.node}, Linux ${machine.kernel}, ${machine.cores} cores, ${runs} runs: median (min to max)\n`);
  console.log('Memory per child, MiB; "one more": what a child adds to the PSS of the whole family');
  table(
    byWorkers(samples.memory, workers).map(({ kind, state, workers: count, families, oneMore }) => ({
      kind,
      state,
      workers: count,
      ...Object.fromEntries(
        Object.entries(columns).map(([key, name]) => [
          name,
          spread(families.map((members) => mib(mean(members.slice(1).map((member) => member[key]))))),
        ]),
      ),
      'one more': oneMore ? spread(oneMore.map(mib)) : '',
    })),
  );
  console.log('\nTime and switches');
  const each = (rows, value) => spread(rows.map(value));
  table([
    { what: 'fork(), until it returns, ms', value: each(samples.forks, ({ returns }) => median(returns)) },
    { what: 'fork(), until the child has written, ms', value: each(samples.forks, ({ written }) => median(written)) },
    {
      what: 'child_process.fork, until its first message, ms',
      value: each(samples.forks, ({ message }) => median(message)),
    },
    { what: 'round trips a second, one connection', value: each(samples.roundTrips, (row) => row.lines / row.seconds) },
    {
      what: 'voluntary context switches a line, in the child',
      value: each(samples.roundTrips, (row) => row.voluntary / row.lines),
    },
    {
      what: 'involuntary context switches a line, in the child',
      value: each(samples.roundTrips, (row) => row.involuntary / row.lines),
    },
  ]);
  console.log(`\nRaw numbers: ${relative('.', out)}`);
}

function bounded(name, value, max) {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw new RangeError(`--${name} takes whole numbers from 1 to ${max}, not '${value}'`);
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
