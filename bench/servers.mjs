// npm run bench:servers: an app on prefork, on node:cluster with both its policies, and on one plain Node process.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { untilAnswered } from '../dist/compare/clients/ask.js';
import { underLoad } from '../dist/compare/instruments/load.js';
import { exitOnSignals } from '../dist/compare/program.js';
import { LINES_SIZE, lines } from '../dist/compare/report/plot.js';
import { PLOT_STYLE } from '../dist/compare/report/style.js';
import { startServer } from '../dist/compare/server.js';
import { familyMemory, meter } from '../dist/proc/usage.js';
import { groupBy } from '../dist/util/group-by.js';
import { html, Markup } from '../dist/util/markup.js';
import { median } from '../dist/util/statistics.js';
import { listed, machine as machineNow, outOf, save, spread, table, tellRawNumbers } from './report.mjs';

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
    ways: { type: 'string', default: 'node,cluster,cluster none,prefork' },
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
const out = outOf(values.out, quick ? 'servers-quick.json' : 'servers.json');

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

const AGAINST = 'cluster';

const COLUMNS = {
  start: { 'first answer, ms': ({ first }) => first, 'all have answered, ms': ({ last }) => last },
  replace: { 'kill to first answer, ms': ({ times }) => times },
  memory: {
    'PSS idle, MB': ({ idle }) => idle,
    'PSS after 20,000 requests, MB': ({ curve = [] }) => curve.flatMap(([n, mb]) => (n === 20_000 ? mb : [])),
    'PSS after all requests, MB': ({ served }) => served,
    'CPU a request, µs': ({ cpu }) => cpu,
  },
  throughput: {
    'requests/s': ({ perSecond }) => perSecond,
    'p99, ms': ({ p99 }) => p99,
    'CPU a request, µs': ({ cpu }) => cpu,
    failed: ({ failed }) => failed,
  },
};

/** Where the point before the first request stands in the plot: a logarithm has no zero. */
const IDLE = 400;
const PLOT_TICKS = new Map([
  [IDLE, 'idle'],
  ...[1000, 10_000, 100_000].map((requests) => [requests, requests.toLocaleString('en')]),
]);
const MARGIN = 16;
const PLOT_LOOK = `svg { color-scheme: light dark; --sans: system-ui, sans-serif; --back: #fff; --ink: #1c2330; --soft: #5d6778; --grid: #e1e6ed; --0: #5d6778; --1: #1c62b9; --2: #2c7a3f; --3: #b4460f; --4: #8a2d74; }
@media (prefers-color-scheme: dark) { svg { --back: #14181f; --ink: #e4e9f1; --soft: #9aa5b5; --grid: #2b3340; --0: #9aa5b5; --1: #7ab3f5; --2: #7fd08f; --3: #ff9f5a; --4: #e499d2; } }
svg > text { fill: var(--ink); } .back { fill: var(--back); }
${PLOT_STYLE}`;
/** Sooner than by default: a run takes minutes, a service goes on for days. */
const RENEWED = ['--renew-memory', '12M', '--renew-interval', '10s'];
const WAYS = {
  node: { model: 'event-loop' },
  cluster: { model: 'cluster' },
  'cluster none': { model: 'cluster-none' },
  prefork: { model: 'start' },
  'prefork renewed': { model: 'start', flags: RENEWED },
};
const APPS = { trivial: undefined, heavy: join(import.meta.dirname, 'apps/heavy.mjs') };
/** How long the requests after which memory is looked at may take. */
const REQUESTS_TIMEOUT_S = 3600;

const date = new Date().toISOString();
const only = listed('only', values.only, Object.keys(MEASUREMENTS));
const ways = listed('ways', values.ways, Object.keys(WAYS));
const machine = machineNow();
exitOnSignals();
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
        samples.push({ round, name, ...setup, way, load, ...(await onServer(way, setup, measure)) });
        // Each time: what comes later may fail.
        save(out, { date, machine, rounds, kills, seconds, requests, samples });
      }
    }
  }
}

console.log(`${machine.node}, Linux ${machine.kernel}, ${machine.cores} cores, ${rounds} rounds: median (min to max)`);
for (const [title, group] of groupBy(samples, titleOf)) {
  console.log(`\n${title}`);
  table(rowsOf(group));
}
if (values.plot !== undefined) writeFileSync(values.plot, plot());
tellRawNumbers(out);

async function onServer(way, setup, measure) {
  const { app, workers } = setup;
  const options = { app: 'http', workers: way === 'node' ? 1 : workers, quiet: true };
  const server = await startServer({ ...options, ...WAYS[way], ...(APPS[app] && { program: APPS[app] }) });
  try {
    return await measure(server, setup);
  } finally {
    await server.end();
  }
}

/** In milliseconds from its start: until the first and until the last worker has answered; how many have. */
async function start({ port, started, took, workers }) {
  const times = [...(await untilAnswered(port, workers)).values()];
  return { first: took.answer, last: Math.max(...times) - started, seen: times.length };
}

/** In milliseconds from each kill: until a process has answered that did not before. */
async function replace({ port, workers }) {
  const known = new Set((await untilAnswered(port, workers)).keys());
  const times = [];
  for (let n = 0; n < kills; n++) {
    await sleep(300); // Both kinds of worker have served by then, and rest.
    const [victim] = known;
    known.delete(victim);
    const killed = performance.now();
    process.kill(victim, 'SIGKILL');
    for (const [pid, time] of await untilAnswered(port, 1, { known: new Set([...known, victim]), clients: workers })) {
      known.add(pid);
      times.push(time - killed);
    }
  }
  return { times };
}

/** In MB, of all processes together, before and after so many requests; and their processor time for each request, in microseconds. */
async function memory(server, { connection }) {
  await untilAnswered(server.port, server.workers);
  await sleep(1000);
  const memoryNow = () => familyMemory(server.members());
  const idle = memoryNow();
  const curve = [[0, idle]];
  let cpu = 0;
  for (const mark of [...MARKS.filter((each) => each < requests), requests]) {
    const count = mark - curve.at(-1)[0];
    const each = connection === 'kept' ? {} : { perConnection: 1 };
    const work = { connections: 32, requests: count, seconds: REQUESTS_TIMEOUT_S, warmUp: 0, ...each };
    const { load, used } = await underLoad(server, work);
    if (load.requests < count) throw new Error('a request was not answered');
    cpu += used.cpu;
    curve.push([mark, memoryNow()]);
  }
  return { idle, curve, served: curve.at(-1)[1], cpu: (cpu / requests) * 1e3 };
}

/** What wrk says, and the processor time of the whole tree for each request, in microseconds. */
async function throughput(server, { connection }) {
  await untilAnswered(server.port, server.workers);
  const load = { connections: 64, keepAlive: connection === 'kept' };
  await wrk(server.port, { ...load, seconds: 1 }); // Until its code is compiled.
  const used = meter(server);
  const result = await wrk(server.port, { ...load, seconds });
  return { ...result, cpu: (used().cpu / result.requests) * 1e3 };
}

/** @returns how many requests, how many of them failed, how many a second, and their 99th percentile in milliseconds */
async function wrk(port, { seconds, connections, keepAlive }) {
  const close = keepAlive ? [] : ['-H', 'Connection: close'];
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...close, `http://127.0.0.1:${port}/`];
  const { stdout } = await promisify(execFile)('wrk', args);
  const number = (pattern) => Number(pattern.exec(stdout)?.[1] ?? 0);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)?.slice(1) ?? [];
  const [, p99, unit] = /^ +99% +([\d.]+)(us|ms|s)$/m.exec(stdout);
  return {
    requests: number(/(\d+) requests in/),
    failed: errors.map(Number).reduce((sum, each) => sum + each, number(/Non-2xx or 3xx responses: (\d+)/)),
    perSecond: number(/Requests\/sec: +([\d.]+)/),
    p99: Number(p99) * { us: 1e-3, ms: 1, s: 1e3 }[unit],
  };
}

function titleOf({ name, app, workers, connection }) {
  return [`${name}: ${app} app, ${workers} workers`, connection && `connection ${connection}`]
    .filter(Boolean)
    .join(', ');
}

/** Each way beside node:cluster's default. */
function rowsOf(group) {
  const columns = COLUMNS[group[0].name];
  const numbers = (way, pick) => group.filter((sample) => sample.way === way).flatMap(pick);
  return [...new Set(group.map(({ way }) => way))].map((way) => {
    const row = { '': way };
    for (const [column, pick] of Object.entries(columns)) {
      const own = numbers(way, pick);
      row[column] = own.length > 0 ? spread(own) : 'never';
      if (column !== 'failed') row[`${column.split(',')[0]} ×`] = ratio(median(own), median(numbers(AGAINST, pick)));
    }
    return row;
  });
}

/** A dash where the other one was not measured. */
function ratio(own, other) {
  if (!(other > 0)) return '–';
  return (own / other).toFixed(own / other < 0.1 ? 3 : 2);
}

/** The memory of all processes against the requests answered, a panel for each app and kind of connection, as SVG. */
function plot() {
  const [width, height] = LINES_SIZE;
  const panels = [
    ...groupBy(
      samples.filter(({ name }) => name === 'memory'),
      titleOf,
    ).values(),
  ].map((group, index) => {
    const [{ app, workers, connection }] = group;
    const connections = connection === 'kept' ? 'kept connections' : 'a connection per request';
    const y = `${app} app, ${workers} workers, ${connections}: PSS, MB`;
    const drawn = lines({ title: y, x: 'requests', y }, ways.flatMap(lineOf(group)), PLOT_TICKS);
    const place = `translate(${MARGIN + (index % 2) * (width + MARGIN)} ${3 * MARGIN + Math.floor(index / 2) * (height + MARGIN)})`;
    return html`<g transform="${place}">${drawn}</g>\n`;
  });
  const columns = Math.min(2, panels.length);
  const all = [columns * (width + MARGIN) + MARGIN, Math.ceil(panels.length / 2) * (height + MARGIN) + 3 * MARGIN];
  const title = `Memory of the whole tree, ${machine.node}, Linux ${machine.kernel}`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${all[0]} ${all[1]}" role="img" aria-label="${title}">
<style>${new Markup(PLOT_LOOK)}</style><rect class="back" width="100%" height="100%"/>
<text x="${MARGIN}" y="${1.5 * MARGIN}">${title}</text>
${panels}</svg>
`.text;
}

/** The median of one way's rounds at each number of requests; nothing where it was not measured. */
function lineOf(group) {
  return (way, index) => {
    const curves = group.filter((sample) => sample.way === way).map(({ curve }) => curve);
    if (curves.length === 0) return [];
    const at = (n) => median(curves.map((curve) => curve[n][1]));
    const points = curves[0].map(([requests], n) => [Math.max(IDLE, requests), at(n)]);
    return [
      {
        colour: `var(--${index})`,
        name: `${way.replace('prefork renewed', 'renewed')} ${Math.round(points.at(-1)[1])}`,
        points,
      },
    ];
  };
}
