// npm run bench:burst: requests that arrive at once, on a connection each. How many of them the fullest worker has, which
// is how many its death would cost.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { untilAnswered } from '../dist/compare/clients/ask.js';
import { exitOnSignals } from '../dist/compare/program.js';
import { startServer } from '../dist/compare/server.js';
import { connect, send, socket } from '../dist/posix/index.js';
import { meter } from '../dist/proc/usage.js';
import { groupBy } from '../dist/util/group-by.js';
import { bounded, listed, machine as machineNow, outOf, save, spread, table, tellRawNumbers } from './report.mjs';

const HELP = `npm run bench:burst -- [options]
  --rounds N     how often each way is measured, all in turn (default: 5)
  --bursts N     how many bursts each time (default: 40)
  --requests N   how many requests arrive at once (default: 16)
  --workers N    (default: 4)
  --ways LIST    of cluster, cluster none, prefork (default: all)
  --out FILE     where the raw numbers go (default: bench/results/burst.json)`;

const WAYS = { cluster: 'cluster', 'cluster none': 'cluster-none', prefork: 'start' };
const REQUESTS = { wait: 'answered after 50 ms without work', burn: 'each computes for 5 ms' };
/** How many other processes compute meanwhile. */
const MACHINES = { quiet: 0, busy: 2 };
/** Between two bursts, in milliseconds: all workers sleep again. */
const PAUSE_MS = 20;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    bursts: { type: 'string', default: '40' },
    requests: { type: 'string', default: '16' },
    workers: { type: 'string', default: '4' },
    ways: { type: 'string', default: Object.keys(WAYS).join() },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
const rounds = bounded('rounds', values.rounds, 1, 50);
const bursts = bounded('bursts', values.bursts, 1, 1000);
const requests = bounded('requests', values.requests, 1, 256);
const workers = bounded('workers', values.workers, 1, 64);
const ways = listed('ways', values.ways, Object.keys(WAYS));
const out = outOf(values.out, 'burst.json');

exitOnSignals();
const date = new Date().toISOString();
const machine = machineNow();
const samples = [];
for (let round = 1; round <= rounds; round++) {
  for (const [state, others] of Object.entries(MACHINES)) {
    for (const way of ways)
      samples.push(...(await measured(way, others)).map((each) => ({ round, state, way, ...each })));
    save(out, { date, machine, bursts, requests, workers, samples });
  }
}
for (const [title, group] of groupBy(
  samples,
  ({ request, state }) => `${REQUESTS[request]}; the machine is ${state}`,
)) {
  console.log(`\n${requests} requests at once, ${workers} workers: ${title}`);
  table([...groupBy(group, ({ way }) => way)].map(([way, runs]) => row(way, runs)));
}
tellRawNumbers(out);

async function measured(way, others) {
  const program = join(import.meta.dirname, 'apps/burst.mjs');
  const server = await startServer({ model: WAYS[way], app: 'http', workers, quiet: true, program });
  const busy = Array.from({ length: others }, () => spawn(process.execPath, ['-e', 'for (;;);']));
  try {
    await untilAnswered(server.port, workers);
    const results = [];
    for (const request of Object.keys(REQUESTS)) {
      await burst(server.port, request); // Until its code has run once.
      const used = meter(server);
      const seen = [];
      for (let n = 0; n < bursts; n++) seen.push(await burst(server.port, request));
      results.push({ request, cpuMs: used().cpu / bursts, bursts: seen });
    }
    return results;
  } finally {
    for (const each of busy) each.kill('SIGKILL');
    await server.end();
  }
}

/** @returns how many requests each worker had, the most first, and the milliseconds until the last answer */
async function burst(port, request) {
  await sleep(PAUSE_MS);
  const question = Buffer.from(`GET /${request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  const begin = performance.now();
  const fds = Array.from({ length: requests }, () => {
    const fd = socket();
    connect(fd, { family: 'IPv4', address: '127.0.0.1', port });
    send(fd, question);
    return fd;
  });
  const pids = await Promise.all(fds.map(answerOn));
  const counts = [...groupBy(pids, (pid) => pid).values()].map(({ length }) => length);
  return { counts: counts.sort((a, b) => b - a), ms: performance.now() - begin };
}

async function answerOn(fd) {
  const client = new Socket({ fd }).setEncoding('latin1');
  let answer = '';
  client.on('data', (text) => {
    answer += text;
  });
  await once(client, 'end');
  client.destroy();
  return /^pid: (\d+)/im.exec(answer)[1];
}

function row(way, runs) {
  const all = runs.flatMap((run) => run.bursts);
  const fullest = all.map(({ counts }) => counts[0]).sort((a, b) => a - b);
  const spreadOfFullest = [...groupBy(fullest, (count) => count)].map(([count, { length }]) => `${count}: ${length}`);
  return {
    '': way,
    bursts: all.length,
    'the fullest, median': fullest[fullest.length >> 1],
    'how often each number': spreadOfFullest.join(', '),
    'ms until all are answered': spread(all.map(({ ms }) => ms)),
    'CPU ms a burst': spread(runs.map(({ cpuMs }) => cpuMs)),
  };
}
