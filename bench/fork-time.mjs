// npm run bench:fork: how long a process of a size is held by a fork, and how soon its child runs.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir } from 'node:os';
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
const cFork = join(folder, 'c-fork');
execFileSync(process.env.CC ?? 'cc', ['-O2', '-o', cFork, here('c-fork.c')]);

/** A started helper: ask() sends a line and gives the line of the answer. */
async function helper(program, ...args) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await answers.next();
  const ask = async (line) => {
    child.stdin.write(line);
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

const rows = [];
for (const size of sizes) {
  const inNode = await helper(node, here('node-forks.mjs'), `${size}`);
  const inC = await helper(cFork, `${inNode.rss}`);
  const askNode = (way) => () => inNode.ask(`${way}\n`);
  const ways = {
    'child_process.spawn, before any fork': { ask: askNode('child_process.spawn'), rss: inNode.rss },
    'prefork fork()': { ask: askNode('prefork'), rss: inNode.rss },
    "the C library's fork, in a C program": { ask: () => inC.ask('.'), rss: inC.rss },
    'child_process.fork': { ask: askNode('child_process.fork'), rss: inNode.rss },
    'child_process.spawn, between forks': { ask: askNode('child_process.spawn'), rss: inNode.rss },
  };
  const times = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  const [first, ...interleaved] = Object.keys(ways);
  const rounds = Number(values.rounds);
  for (let round = 0; round < rounds; round++) times[first].push(await ways[first].ask());
  for (let round = 0; round < rounds; round++) {
    for (const way of interleaved) times[way].push(await ways[way].ask());
  }
  for (const [way, pairs] of Object.entries(times)) {
    rows.push({ size, way, rss: ways[way].rss, returned: pairs.map(([r]) => r), heard: pairs.map(([, h]) => h) });
  }
  await Promise.all([inNode.end(), inC.end()]);
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
const machine = { kernel: release(), cpu: cpus()[0].model, processors: availableParallelism() };
mkdirSync(here('results'), { recursive: true });
const file = here(`results/fork-time-${version}.json`);
writeFileSync(
  file,
  `${JSON.stringify({ node: version, date: new Date().toISOString(), machine, unit: 'ms', rows }, null, 1)}\n`,
);
console.log(file);
