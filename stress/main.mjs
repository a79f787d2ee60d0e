// npm run stress: forks by the thousand, while parent and children do all that a Node process may do.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { nodeBinary } from '../scripts/nodes.mjs';
import { activities } from './activities.mjs';
import { randomOf } from './random.mjs';
import { supervise } from './supervise.mjs';

const HELP = `npm run stress -- [options]
  --node LIST         versions from npm (20, 22.1.0), or paths, with commas; this Node by default
  --mode MODE         forks (default), chain (each child forks, 7 deep), or soak (one child, busy for --seconds)
  --count N           forks in all, or chains; shared by the activities (default: 2100, 70 chains)
  --seconds N         stop forking after so long, per activity; for soak, how long (default: none, 600)
  --brief             children do one small piece of work, not up to three of any size
  --concurrency N     children at a time (default 4)
  --activity LIST     of the parent: ${Object.keys(activities).join(', ')}
  --seed N            draw the same plans again
The last line of the output is the result as JSON; the exit status is 1 when anything failed.`;

const { values } = parseArgs({
  options: {
    node: { type: 'string', default: process.execPath },
    mode: { type: 'string', default: 'forks' },
    count: { type: 'string' },
    seconds: { type: 'string' },
    brief: { type: 'boolean', default: false },
    concurrency: { type: 'string', default: '4' },
    activity: { type: 'string' },
    seed: { type: 'string', default: `${Date.now() % 1e9}` },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}

const DEPTH = 7;
const modes = {
  forks: { count: 2100, concurrency: Number(values.concurrency), depth: 1 },
  chain: { count: 70, concurrency: 1, depth: DEPTH },
  soak: { count: 1, concurrency: 1, depth: 1, soak: Number(values.seconds ?? 600), activity: 'idle' },
};
const mode = modes[values.mode];
if (!mode) throw new RangeError(`--mode ${values.mode}: one of ${Object.keys(modes).join(', ')}`);
const chosen = (values.activity ?? mode.activity)?.split(',') ?? Object.keys(activities);
const count = Number(values.count ?? mode.count);
const seconds = values.mode === 'soak' || !values.seconds ? 1e9 : Number(values.seconds);

const random = randomOf(Number(values.seed));
console.log(`seed ${values.seed}, ${count} ${values.mode}, ${availableParallelism()} processors`);
const rows = [];
for (const wanted of values.node.split(',')) {
  const { path, version } = nodeBinary(wanted);
  for (const activity of chosen) {
    const forks = Math.ceil(count / chosen.length);
    const row = await supervise(path, { ...mode, seed: random.seed(), forks, seconds, brief: values.brief, activity });
    rows.push({ version, activity, ...row });
    console.log(`${version} ${activity}: ${row.failures.length === 0 ? 'well' : 'FAILED'} after ${row.seconds} s`);
    for (const failure of row.failures) console.log(`  ${failure.replaceAll('\n', '\n  ')}`);
  }
}

console.table(
  rows.map(({ failures, forkMs, soakMb, refusals, workers, ...row }) => ({
    ...row,
    'fork ms': `${forkMs.median} (${forkMs.min} to ${forkMs.max})`,
    ...(values.mode === 'soak' && { 'RSS, MB': `${soakMb.median} (${soakMb.min} to ${soakMb.max})` }),
    ok: failures.length === 0,
  })),
);
const failed = rows.filter(({ failures }) => failures.length > 0).length;
const forks = rows.reduce((total, row) => total + row.forks, 0);
const counted = rows.map(({ failures, ...row }) => ({ ...row, failures: failures.length }));
console.log(JSON.stringify({ seed: Number(values.seed), mode: values.mode, forks, failed, rows: counted }));
process.exitCode = failed > 0 ? 1 : 0;
