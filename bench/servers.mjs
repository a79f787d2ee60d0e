// npm run bench:servers: an app on prefork, on node:cluster with both its policies, and on one plain Node process.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { table } from './cost/report.mjs';
import { askMany, untilAnswered, wrk } from './servers/client.mjs';
import { CONTESTANTS, launch, USUAL } from './servers/contestants.mjs';
import { plot } from './servers/plot.mjs';
import { report } from './servers/report.mjs';
import { cpuOfTree, memoryOfTree } from './servers/tree.mjs';

const HELP = `npm run bench:servers -- [options]
  --quick        one round, and less of everything
  --only LIST    of start, replace, memory, throughput (default: all)
  --ways LIST    of node, cluster, cluster none, prefork (default: all); also prefork renewed, with --renew-memory
  --rounds N     how often everything is measured (default: 5, up to 50)
  --requests N   how many the memory is measured after, and on the way there (default: 20000, up to 1000000)
  --apps LIST    of trivial, heavy: whose memory is measured (default: all)
  --plot FILE    draw the memory against the requests
  --out FILE     where the raw numbers go (default: bench/results/servers.json, with --quick servers-quick.json)`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'start,replace,memory,throughput' },
    ways: { type: 'string', default: USUAL.join() },
    rounds: { type: 'string' },
    requests: { type: 'string' },
    apps: { type: 'string', default: 'trivial,heavy' },
    plot: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
const { quick } = values;
const rounds = Math.min(50, Math.max(1, Number(values.rounds ?? (quick ? 1 : 5))));
const kills = quick ? 3 : 10;
const seconds = quick ? 2 : 5;
const requests = Math.min(1_000_000, Math.max(1, Number(values.requests ?? (quick ? 4000 : 20_000))));
const out = resolve(values.out ?? join(import.meta.dirname, 'results', quick ? 'servers-quick.json' : 'servers.json'));

/** After how many requests memory is looked at. */
const MARKS = [1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000];

/** By name: each gives one sample. */
const MEASUREMENTS = {
  start: [
    { app: 'trivial', workers: 4, measure: start },
    { app: 'trivial', workers: 64, measure: start },
    { app: 'heavy', workers: 4, measure: start },
    { app: 'heavy', workers: quick ? 8 : 64, measure: start },
  ],
  replace: [
    { app: 'trivial', workers: 4, measure: replace },
    { app: 'heavy', workers: 4, measure: replace },
  ],
  memory: [
    { app: 'trivial', workers: 16, connection: 'per request', measure: memory },
    { app: 'trivial', workers: 16, connection: 'kept', measure: memory },
    { app: 'heavy', workers: 16, connection: 'per request', measure: memory },
    { app: 'heavy', workers: 16, connection: 'kept', measure: memory },
  ],
  throughput: [
    { app: 'trivial', workers: 4, connection: 'per request', measure: throughput },
    { app: 'trivial', workers: 4, connection: 'kept', measure: throughput },
  ],
};

const date = new Date().toISOString();
const only = values.only.split(',');
for (const name of only) if (!(name in MEASUREMENTS)) throw new RangeError(`--only does not take '${name}'`);
const ways = values.ways.split(',');
for (const way of ways) if (!CONTESTANTS.includes(way)) throw new RangeError(`--ways does not take '${way}'`);
const machine = { cpu: cpus()[0].model, cores: availableParallelism(), kernel: release(), node: process.version };
mkdirSync(resolve(out, '..'), { recursive: true });
const samples = [];
for (let round = 1; round <= rounds; round++) {
  // All ways of one measurement in a row, so that what else the machine does meets all alike.
  for (const name of only) {
    for (const { measure, ...setup } of MEASUREMENTS[name]) {
      if (name === 'memory' && !values.apps.split(',').includes(setup.app)) continue;
      for (const way of ways) {
        if (way === 'node' && name === 'replace') continue; // Nobody replaces it.
        const load = loadavg()[0];
        console.error(`round ${round} of ${rounds}: ${name}, ${Object.values(setup).join(', ')}: ${way}`);
        samples.push({ round, name, ...setup, way, load, ...(await measure(way, setup)) });
        // Each time: what comes later may fail.
        writeFileSync(out, `${JSON.stringify({ date, machine, rounds, kills, seconds, requests, samples })}\n`);
      }
    }
  }
}

console.log(`${machine.node}, Linux ${machine.kernel}, ${machine.cores} cores, ${rounds} rounds: median (min to max)`);
for (const { title, rows } of report(samples)) {
  console.log(`\n${title}`);
  table(rows);
}
if (values.plot !== undefined) {
  const title = `Memory of the whole tree, ${machine.node}, Linux ${machine.kernel}`;
  writeFileSync(values.plot, plot(samples, title));
}
console.log(`\nRaw numbers: ${relative('.', out)}`);

/** In milliseconds from its start: until the first and until the last worker has answered; how many have. */
async function start(way, { app, workers }) {
  const count = way === 'node' ? 1 : workers;
  const server = await launch(way, app, workers);
  try {
    const times = [...(await untilAnswered(server.port, count, { concurrency: workers })).values()];
    return { first: Math.min(...times) - server.start, last: Math.max(...times) - server.start, seen: times.length };
  } finally {
    await server.end();
  }
}

/** In milliseconds from each kill: until a process has answered that did not before. */
async function replace(way, { app, workers }) {
  const server = await launch(way, app, workers);
  try {
    const known = new Set((await untilAnswered(server.port, workers)).keys());
    const times = [];
    for (let n = 0; n < kills; n++) {
      await sleep(300); // Both kinds of worker have served by then, and rest.
      const [victim] = known;
      known.delete(victim);
      const killed = performance.now();
      process.kill(victim, 'SIGKILL');
      const options = { known: new Set([...known, victim]), concurrency: workers };
      for (const [pid, time] of await untilAnswered(server.port, 1, options)) {
        known.add(pid);
        times.push(time - killed);
      }
    }
    return { times };
  } finally {
    await server.end();
  }
}

/** In MB, of all processes together, before and after so many requests; and their processor time for each request, in microseconds. */
async function memory(way, { app, workers, connection }) {
  const server = await launch(way, app, workers);
  try {
    await untilAnswered(server.port, way === 'node' ? 1 : workers, { concurrency: workers });
    await sleep(1000);
    const idle = memoryOfTree(server.pid);
    const curve = [[0, idle]];
    let cpu = 0;
    for (const mark of [...MARKS.filter((each) => each < requests), requests]) {
      const before = cpuOfTree(server.pid);
      await askMany(server.port, mark - curve.at(-1)[0], { keepAlive: connection === 'kept' });
      cpu += cpuOfTree(server.pid) - before;
      curve.push([mark, memoryOfTree(server.pid)]);
    }
    return { idle, curve, served: curve.at(-1)[1], cpu: (cpu / requests) * 1e6 };
  } finally {
    await server.end();
  }
}

/** What wrk says, and the processor time of the whole tree for each request, in microseconds. */
async function throughput(way, { app, workers, connection }) {
  const server = await launch(way, app, workers);
  try {
    await untilAnswered(server.port, way === 'node' ? 1 : workers, { concurrency: workers });
    const load = { connections: 64, keepAlive: connection === 'kept' };
    await wrk(server.port, { ...load, seconds: 1 }); // Until its code is compiled.
    const before = cpuOfTree(server.pid);
    const result = await wrk(server.port, { ...load, seconds });
    return { ...result, cpu: ((cpuOfTree(server.pid) - before) / result.requests) * 1e6 };
  } finally {
    await server.end();
  }
}
