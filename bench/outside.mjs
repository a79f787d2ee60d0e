// npm run bench:outside: prefork beside a prefork server in C, the Ruby original, unicorn, puma, gunicorn, Apache and Node.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { familyMemory, meter } from '../dist/proc/usage.js';
import { ECHO, find, HTTP } from './outside/contestants.mjs';
import { facts } from './outside/machine.mjs';
import { measure, prepare, startEcho, startHttp } from './outside/processes.mjs';
import { report } from './outside/report.mjs';
import { bounded, listed, outOf, save, table, tellRawNumbers } from './report.mjs';

const HELP = `npm run bench:outside -- [options]
  --quick        one round with shorter loads, which takes about a minute
  --only LIST    of echo, http (default: both)
  --of LIST      of the contestants (default: all): ${[...new Set([...Object.keys(ECHO), ...Object.keys(HTTP)])].join(', ')}
  --rounds N     how often everything is measured (default: 7, up to 50)
  --seconds N    how long each load lasts (default: 1, up to 60)
  --workers N    of each server that forks (default: 3, up to 64)
  --out FILE     where the raw numbers go (default: bench/results/outside.json, with --quick outside-quick.json)`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'echo,http' },
    of: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    workers: { type: 'string', default: '3' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
const { quick } = values;
const rounds = Math.ceil(bounded('rounds', values.rounds ?? (quick ? 1 : 7), 1, 50));
const seconds = bounded('seconds', values.seconds ?? (quick ? 0.6 : 1), 0.1, 60);
const workers = Math.ceil(bounded('workers', values.workers, 1, 64));
const only = listed('only', values.only, ['echo', 'http']);
const of = values.of && listed('of', values.of, [...Object.keys(ECHO), ...Object.keys(HTTP)]);
const out = outOf(values.out, quick ? 'outside-quick.json' : 'outside.json');

/** How many clients ask for a connection each, at a time: more than there are workers, so that none waits for work. */
const REQUESTING = 4 * workers;
/** By figure, the client's load and how many clients. */
const LOADS = {
  echo: { line: ['line', 1], lines: ['line', workers], exchange: ['exchange', workers], accept: ['accept', workers] },
  http: { request: ['request', REQUESTING], kept: ['kept', workers] },
};
/** Before each load: so many operations of each worker, more where its code is compiled meanwhile, but not longer. */
const WARMING = { operations: 300, compiling: 6000, seconds: Math.min(2.5, 5 * seconds) };
const ROUNDS = { echo: echoRound, http: httpRound };

const { folder, node } = prepare();
const shape = { date: new Date().toISOString(), machine: facts(), rounds, seconds, workers, requesting: REQUESTING };
const samples = [];
for (let round = 1; round <= rounds; round++) for (const name of only) await ROUNDS[name](round);
save(out, { ...shape, samples });
print();

// All at once, idle but for one: each load meets all of them within seconds, and what else the machine does then.
async function echoRound(round) {
  const servers = [];
  try {
    for (const [name, contestant] of inTurn(ECHO, round)) {
      servers.push({ name, ...contestant, ...(await started(startEcho, name, contestant, round)) });
    }
    for (const figure of Object.keys(LOADS.echo)) {
      for (const server of servers) samples.push(await sample('echo', figure, round, server));
    }
  } finally {
    for (const { program } of servers) await program?.end();
  }
}

// One after the other: no server's memory is to be shared with another's.
async function httpRound(round) {
  for (const [name, contestant] of inTurn(HTTP, round)) {
    const server = { name, ...contestant, ...(await started(startHttp, name, contestant, round)) };
    try {
      for (const figure of Object.keys(LOADS.http)) samples.push(await sample('http', figure, round, server));
      const { missing, program } = server;
      const memory = missing ? { missing } : { pssMb: familyMemory(program.members()) };
      samples.push({ round, figure: 'memory', name, ...memory });
    } finally {
      await server.program?.end();
    }
  }
}

/** Those to be measured, each round beginning with another one. */
function inTurn(contestants, round) {
  const entries = Object.entries(contestants).filter(([name]) => of?.includes(name) ?? true);
  const first = (round - 1) % Math.max(1, entries.length);
  return [...entries.slice(first), ...entries.slice(0, first)];
}

/** A running server, or the reason why it is missing. */
async function started(start, name, contestant, round) {
  console.error(`round ${round} of ${rounds}, load ${loadavg()[0].toFixed(1)}: ${name}`);
  const { program, missing } = find(contestant);
  if (missing) return { missing };
  try {
    return await start(contestant, { program, folder, node, workers });
  } catch ({ message }) {
    return { missing: `it did not start: ${message}` };
  }
}

/** Rates a second, and processor time of the whole server for each operation, in microseconds. */
async function sample(discipline, figure, round, server) {
  const { name, program, port, missing, closes } = server;
  const [load, clients] = LOADS[discipline][figure];
  const about = { round, figure, name, load: loadavg()[0] };
  if (missing) return { ...about, missing };
  if (load === 'kept' && closes) return { ...about, missing: closes };
  try {
    const cold = await warm(load, clients, server);
    const used = meter(program);
    const { count, seconds: elapsed, ...more } = await measure(folder, load, port, { seconds, clients });
    return { ...about, cold, perSecond: count / elapsed, cpuUs: (used().cpu / count) * 1e3, ...more };
  } catch ({ message }) {
    return { ...about, missing: message };
  }
}

// By all workers: the next client is served by the one that has waited longest. Gives whether the time was too short.
async function warm(load, clients, { port, single, compiles }) {
  const all = Math.max(clients, workers);
  const most = Math.ceil(((compiles ? WARMING.compiling : WARMING.operations) * (single ? 1 : workers)) / all);
  const { count } = await measure(folder, load, port, { seconds: WARMING.seconds, clients: all, most });
  return compiles === true && count < 0.9 * most * all;
}

function print() {
  const { cores, kernel, load, versions } = shape.machine;
  console.log(`${shape.date.slice(0, 10)}, Linux ${kernel}, ${cores} cores, load ${load.toFixed(1)} at the start`);
  if (load > cores)
    console.log('  Others kept the machine busy: the rates say little, processor time and ratios somewhat more.');
  for (const [name, version] of Object.entries(versions)) console.log(`  ${name}: ${version ?? 'not installed'}`);
  console.log(
    `${workers} workers, ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${seconds} s: median (lowest to highest)`,
  );
  const against = (figure) => (figure in LOADS.echo ? 'yardstick' : 'prefork start');
  for (const { title, rows } of report(samples, against)) {
    console.log(`\n${title}`);
    table(rows);
  }
  tellRawNumbers(out);
}
