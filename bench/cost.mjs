// npm run bench:cost: what a child of "prefork echo" costs in memory, time and context switches, beside a plain Node child.
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connectLines, withClients } from '../dist/compare/clients/lines.js';
import { ForkTimer } from '../dist/compare/instruments/fork-times.js';
import { underLoad } from '../dist/compare/instruments/load.js';
import { exitOnSignals, Program } from '../dist/compare/program.js';
import { startServer } from '../dist/compare/server.js';
import { memoryOf } from '../dist/proc/usage.js';
import { whatItDoes } from '../dist/proc/waiting.js';
import { until } from '../dist/util/poll.js';
import { median } from '../dist/util/statistics.js';
import { bounded, machine as machineNow, outOf, save, spread, table, tellRawNumbers } from './report.mjs';

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
const workers = values.workers.split(',').map((value) => whole('workers', value, 256));
const runs = whole('runs', values.runs, 50);
const seconds = whole('seconds', values.seconds, 60);
const lines = whole('lines', values.lines, 100_000);
const forks = whole('forks', values.forks, 1000);
const date = new Date().toISOString();
const out = outOf(values.out, `cost-${date.slice(0, 10)}.json`);
/** Until all children of a family accept. */
const ACCEPT_TIMEOUT_MS = 120_000;
exitOnSignals();

const samples = { memory: [], forks: [], roundTrips: [] };
for (let run = 1; run <= runs; run++) {
  const load = loadavg()[0];
  console.error(`run ${run} of ${runs}, load ${load.toFixed(1)}`);
  for (const kind of ['prefork', 'child_process.fork', 'node:cluster']) {
    for (const count of workers) samples.memory.push({ run, kind, workers: count, ...(await memory(kind, count)) });
  }
  samples.forks.push({ run, load, ...(await forkTimes()) });
  samples.roundTrips.push({ run, load, ...(await roundTrips()) });
}

const machine = machineNow();
save(out, { date, machine, runs, seconds, lines, samples });
report();

/** In KiB, of the parent and each child: idle and, for the echo server, after each child has served its lines. */
async function memory(kind, count) {
  if (kind !== 'prefork') return { idle: await memoryOfPlain(kind, count) };
  const server = await echoServer(count);
  try {
    await allAccepting(server);
    const idle = server.members().map(inKib);
    await serveAll(server);
    await allAccepting(server);
    return { idle, served: server.members().map(inKib) };
  } finally {
    await server.end();
  }
}

/** Measures a plain Node whose children do nothing, by child_process.fork or node:cluster. */
async function memoryOfPlain(kind, count) {
  const family = new Program([process.execPath, join(import.meta.dirname, 'apps/idle-family.mjs'), kind, count]);
  try {
    const [pids] = await family.ready(() => family.line(/^\[.*\]$/));
    return JSON.parse(pids).map(inKib);
  } finally {
    await family.end();
  }
}

function inKib(pid) {
  const { rss, pss, private: own } = memoryOf(pid);
  return { rss: rss / 1024, pss: pss / 1024, own: own / 1024 };
}

function echoServer(count) {
  return startServer({ model: 'prefork', app: 'echo', workers: count, quiet: true });
}

async function allAccepting(server) {
  const accepts = (pid) => /^it waits in accept/.test(whatItDoes(pid) ?? '');
  const all = await until(() => server.serving().every(accepts) || undefined, ACCEPT_TIMEOUT_MS);
  if (all === undefined) throw new Error('the children do not accept');
}

/** Has each child serve one client: so many lines, each awaited before the next. */
function serveAll({ port, workers: count }) {
  return withClients(async (clients) => {
    while (clients.length < count) clients.push(await connectLines(port));
    await Promise.all(
      clients.map(async (client) => {
        for (let n = 0; n < lines; n++) await client.say('x'.repeat(63));
        await client.leave();
      }),
    );
  });
}

/** In milliseconds: of fork() until it returns and until the child has written, of child_process.fork until its message. */
async function forkTimes() {
  const timer = await ForkTimer.start(0, join(import.meta.dirname, 'fork-ways.mjs'));
  const { returned, heard } = await timer.times('prefork', forks);
  const node = await timer.times('child_process.fork', Math.ceil(forks / 10));
  await timer.end();
  return { returns: returned, written: heard, message: node.heard };
}

/** Lines echoed to one blocking client, and the context switches of the server meanwhile. */
async function roundTrips() {
  const server = await echoServer(1);
  try {
    const { load, used } = await underLoad(server, { connections: 1, seconds, warmUp: 0 });
    const { voluntary, involuntary } = used;
    return { lines: load.requests, seconds: load.seconds, voluntary, involuntary };
  } finally {
    await server.end();
  }
}

/**
 * One row for each kind, state and number of workers: the runs' families, and what one more child adds to a family's
 * PSS, taken over the whole way from the smallest family to the largest.
 */
function byWorkers() {
  const [least, most] = [Math.min(...workers), Math.max(...workers)];
  const pss = (members) => members.reduce((sum, member) => sum + member.pss, 0);
  return [...new Set(samples.memory.map(({ kind }) => kind))].flatMap((kind) =>
    ['idle', 'served'].flatMap((state) => {
      const of = (count) => samples.memory.filter((row) => row.kind === kind && row.workers === count && row[state]);
      if (of(most).length === 0) return [];
      return workers.map((count) => ({
        kind,
        state,
        workers: count,
        families: of(count).map((row) => row[state]),
        oneMore:
          count === most && least < most
            ? of(most).map((row, run) => (pss(row[state]) - pss(of(least)[run][state])) / (most - least))
            : undefined,
      }));
    }),
  );
}

function report() {
  const mib = (kib) => kib / 1024;
  const columns = { rss: 'RSS', pss: 'PSS', own: 'private' };
  console.log(`${machine.node}, Linux ${machine.kernel}, ${machine.cores} cores, ${runs} runs: median (min to max)\n`);
  console.log('Memory per child, MiB; "one more": what a child adds to the PSS of the whole family');
  table(
    byWorkers().map(({ kind, state, workers: count, families, oneMore }) => ({
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
      what: 'voluntary context switches a line, in the server',
      value: each(samples.roundTrips, (row) => row.voluntary / row.lines),
    },
    {
      what: 'involuntary context switches a line, in the server',
      value: each(samples.roundTrips, (row) => row.involuntary / row.lines),
    },
  ]);
  tellRawNumbers(out);
}

function whole(name, value, most) {
  const number = bounded(name, value, 1, most);
  if (!Number.isInteger(number)) throw new RangeError(`--${name} takes whole numbers, not '${value}'`);
  return number;
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
