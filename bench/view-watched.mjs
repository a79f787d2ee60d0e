// npm run bench:view-watched: what a server serves a second, and what a round trip costs it, with prefork view
// looking on and without, by turns.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '3' },
    pairs: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '2' },
    out: { type: 'string' },
  },
});
const [workers, pairs, seconds] = ['workers', 'pairs', 'seconds'].map((name) => Number(values[name]));
const program = resolve(import.meta.dirname, '../dist/cli/main.js');
const out = resolve(values.out ?? join(import.meta.dirname, 'results', 'view-watched.json'));

const [server, bound] = await started(
  ['echo', '--quiet', '--workers', `${workers}`, '--host', '127.0.0.1', '--port', '0'],
  /^Listening on .*:(\d+)/,
);
const [view, address] = await started(['view', `${server.pid}`], /^prefork view: (.*)$/);
try {
  const runs = [];
  for (let pair = 0; pair < pairs; pair++) {
    const both = {};
    // Which of the two goes first changes, too.
    for (const watched of pair % 2 === 0 ? [true, false] : [false, true]) {
      both[watched ? 'watched' : 'alone'] = watched ? await watching(load) : await load();
    }
    runs.push(both);
  }
  const median = (what) => {
    const each = runs.map(({ watched, alone }) => watched[what] / alone[what]).sort((a, b) => a - b);
    return { median: each[Math.floor(each.length / 2)], least: each[0], most: each.at(-1) };
  };
  const ratios = { rate: median('rate'), cost: median('cost') };
  const machine = {
    processor: cpus()[0]?.model,
    processors: availableParallelism(),
    kernel: release(),
    load: loadavg(),
  };
  mkdirSync(join(out, '..'), { recursive: true });
  const result = { date: new Date().toISOString(), machine, node: process.version, options: values, runs, ratios };
  writeFileSync(out, `${JSON.stringify(result, null, 1)}\n`);
  for (const [what, { median, least, most }] of Object.entries(ratios)) {
    console.log(
      `${what}, watched to alone: ${median.toFixed(3)} (${least.toFixed(3)} to ${most.toFixed(3)}), ${pairs} pairs`,
    );
  }
  console.log(`raw numbers: ${relative('.', out)}`);
} finally {
  view.kill();
  server.kill();
}

async function started(args, pattern) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const found = await new Promise((settle) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, value] = pattern.exec(line) ?? [];
      if (value !== undefined) settle(value);
    });
  });
  return [child, found];
}

/** As with a page open: what is seen is sent, and read. */
async function watching(work) {
  const response = await new Promise((settle, fail) => get(`${address}events`, settle).once('error', fail));
  response.resume();
  try {
    return await work();
  } finally {
    response.destroy();
  }
}

/** Round trips a second, of as many clients as there are workers. */
async function load() {
  const end = performance.now() + seconds * 1000;
  const before = processorTime();
  const counts = await Promise.all(Array.from({ length: workers }, () => roundTrips(end)));
  const all = counts.reduce((sum, count) => sum + count, 0);
  return { rate: all / seconds, cost: ((processorTime() - before) / all) * 1e6 };
}

/** Seconds, of the server's processes: on a busy machine, what a round trip costs varies less than how many there are. */
function processorTime() {
  const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'latin1').split(' ').filter(Boolean);
  const ticks = [server.pid, ...children].map((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / 100;
}

function roundTrips(end) {
  return new Promise((settle, fail) => {
    let count = 0;
    const client = connect(Number(bound), '127.0.0.1', () => client.write('hello\n'));
    client.setNoDelay().once('error', fail);
    client.on('data', () => {
      count++;
      if (performance.now() < end) client.write('hello\n');
      else client.end('exit\n');
    });
    client.once('close', () => settle(count));
  });
}
