// npm run bench:fork: how long a process of a size is held by a fork, and how soon its child runs.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { nodeBinary } from '../scripts/nodes.mjs';

const { values } = parseArgs({
  options: {
    node: { type: 'string', default: process.execPath },
    sizes: { type: 'string', default: '50,200,500' },
    rounds: { type: 'string', default: '30' },
  },
});
const here = (file) => join(import.meta.dirname, file);
const { path: node, version } = nodeBinary(values.node);
const sizes = values.sizes.split(',').map(Number);

const folder = mkdtempSync(join(tmpdir(), 'fork-time-'));
const addon = join(folder, 'c-library-fork.node');
const headers = createRequire(import.meta.url)('node-api-headers').include_dir;
const flags = ['-O2', '-shared', '-fPIC', `-I${headers}`];
execFileSync(process.env.CC ?? 'cc', [...flags, '-o', addon, here('c-library-fork.c')]);

/** Starts a Node of a size; ask() has it make a child in a way, and gives the times in ms. */
async function nodeOf(size) {
  const child = spawn(node, [here('node-forks.mjs'), `${size}`, addon], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await answers.next();
  const ask = async (way) => {
    child.stdin.write(`${way}\n`);
    return (await answers.next()).value.split(' ').map((time) => Number(time) / 1e3);
  };
  const end = () => {
    child.stdin.end();
    return once(child, 'exit');
  };
  return { ask, end, rss: rssOf(child.pid) };
}

const rssOf = (pid) =>
  Math.round(Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) / 1024);

const FIRST = 'child_process.spawn, before any fork';
const INTERLEAVED = ['prefork', "the C library's fork", 'child_process.fork', 'child_process.spawn'];
const rounds = Number(values.rounds);
const rows = [];
for (const size of sizes) {
  const parent = await nodeOf(size);
  // One of its own for the C library: its heap stays handed down, which would slow the other ways.
  const plain = await nodeOf(size);
  const times = Object.fromEntries([FIRST, ...INTERLEAVED].map((way) => [way, []]));
  for (let i = 0; i < rounds; i++) times[FIRST].push(await parent.ask('child_process.spawn'));
  for (let i = 0; i < rounds; i++) {
    for (const way of INTERLEAVED) times[way].push(await (way.startsWith('the C') ? plain : parent).ask(way));
  }
  for (const [way, pairs] of Object.entries(times)) {
    rows.push({ size, way, rss: parent.rss, returned: pairs.map(([r]) => r), heard: pairs.map(([, h]) => h) });
  }
  await Promise.all([parent.end(), plain.end()]);
}
rmSync(folder, { recursive: true });

function spread(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const [median, min, max] = [sorted[sorted.length >> 1], sorted[0], sorted.at(-1)].map((ms) => ms.toFixed(2));
  return `${median} (${min} to ${max})`;
}

console.log(`Node ${version}, ms: median (min to max) of ${values.rounds}`);
console.table(
  rows.map(({ way, rss, returned, heard }) => ({
    way,
    'RSS, MB': rss,
    'until it returns': spread(returned),
    'until the child is heard': spread(heard),
  })),
);
const machine = { kernel: release(), cpu: cpus()[0].model, processors: availableParallelism(), load: loadavg()[0] };
mkdirSync(here('results'), { recursive: true });
const file = here(`results/fork-time-${version}.json`);
const result = { node: version, date: new Date().toISOString(), machine, unit: 'ms', rows };
writeFileSync(file, `${JSON.stringify(result)}\n`);
console.log(file);
