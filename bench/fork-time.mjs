// npm run bench:fork: how long a process of a size is held by a fork, and how soon its child runs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ForkTimer } from '../dist/compare/instruments/fork-times.js';
import { exitOnSignals } from '../dist/compare/program.js';
import { memoryOf } from '../dist/proc/usage.js';
import { nodeBinary } from '../scripts/nodes.mjs';
import { machine as machineNow, outOf, save, spread } from './report.mjs';

const { values } = parseArgs({
  options: {
    node: { type: 'string', default: process.execPath },
    sizes: { type: 'string', default: '50,200,500' },
    rounds: { type: 'string', default: '30' },
  },
});
const { path: node, version } = nodeBinary(values.node);
const sizes = values.sizes.split(',').map(Number);

const folder = mkdtempSync(join(tmpdir(), 'fork-time-'));
const addon = join(folder, 'c-library-fork.node');
const headers = createRequire(import.meta.url)('node-api-headers').include_dir;
const flags = ['-O2', '-shared', '-fPIC', `-I${headers}`];
execFileSync(process.env.CC ?? 'cc', [...flags, '-o', addon, join(import.meta.dirname, 'c-library-fork.c')]);

process.env.FORK_ADDON = addon;
const WAYS = join(import.meta.dirname, 'fork-ways.mjs');

exitOnSignals();
const FIRST = 'child_process.spawn, before any fork';
const INTERLEAVED = ['prefork', "the C library's fork", 'child_process.fork', 'child_process.spawn'];
const rounds = Number(values.rounds);
const rows = [];
for (const size of sizes) {
  const parent = await ForkTimer.start(size, WAYS, node);
  const rss = Math.round(memoryOf(parent.pid).rss / 2 ** 20);
  // One of its own for the C library: its heap stays handed down, which would slow the other ways.
  const plain = await ForkTimer.start(size, WAYS, node);
  const times = Object.fromEntries([FIRST, ...INTERLEAVED].map((way) => [way, []]));
  for (let i = 0; i < rounds; i++) times[FIRST].push(await parent.time('child_process.spawn'));
  for (let i = 0; i < rounds; i++) {
    for (const way of INTERLEAVED) times[way].push(await (way.startsWith('the C') ? plain : parent).time(way));
  }
  for (const [way, pairs] of Object.entries(times)) {
    rows.push({ size, way, rss, returned: pairs.map(([r]) => r), heard: pairs.map(([, h]) => h) });
  }
  await Promise.all([parent.end(), plain.end()]);
}
rmSync(folder, { recursive: true });

const inMs = (times) => spread(times, (ms) => ms.toFixed(2));
console.log(`Node ${version}, ms: median (min to max) of ${values.rounds}`);
console.table(
  rows.map(({ way, rss, returned, heard }) => ({
    way,
    'RSS, MB': rss,
    'until it returns': inMs(returned),
    'until the child is heard': inMs(heard),
  })),
);
const { cpu, cores: processors, kernel, load } = machineNow();
const file = outOf(undefined, `fork-time-${version}.json`);
save(file, {
  node: version,
  date: new Date().toISOString(),
  machine: { kernel, cpu, processors, load },
  unit: 'ms',
  rows,
});
console.log(file);
