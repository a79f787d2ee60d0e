// npm run bench:survival: how much of what a connection allocates outlives a collection of the young generation, in a
// worker of prefork and in one plain Node process. The less, the smaller the heap and the longer pages stay shared.
import { parseArgs } from 'node:util';
import { untilAnswered } from '../dist/compare/clients/ask.js';
import { underLoad } from '../dist/compare/instruments/load.js';
import { exitOnSignals } from '../dist/compare/program.js';
import { startServer } from '../dist/compare/server.js';
import { table } from './report.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, requests: { type: 'string', default: '20000' } },
});
const rounds = Math.min(20, Math.max(1, Number(values.rounds)));
const requests = Math.min(1_000_000, Math.max(2000, Number(values.requests)));
// V8's own account of each collection, on standard output, and a young generation of one size.
const FLAGS = ['--trace-gc-nvp', '--min-semi-space-size=1', '--max-semi-space-size=1'];
const WAYS = { node: 'event-loop', 'prefork, 1 worker': 'start' };
const WARM_UP = 2000;
/** How long the requests may take, in seconds. */
const LIMIT = 3600;

exitOnSignals();
const rows = [];
for (let round = 1; round <= rounds; round++) {
  for (const [way, model] of Object.entries(WAYS)) rows.push({ round, way, ...(await measure(model)) });
}
console.log(`${process.version}, ${requests} requests, a connection for each`);
table(rows);

async function measure(model) {
  const server = await startServer({ model, app: 'http', workers: 1, quiet: true, nodeFlags: FLAGS });
  const ask = (count) =>
    underLoad(server, { connections: 32, perConnection: 1, requests: count, seconds: LIMIT, warmUp: 0 });
  try {
    const [[pid]] = await untilAnswered(server.port, 1);
    await ask(WARM_UP); // Until what is made once is made.
    const begin = server.log().length;
    await ask(requests);
    return survival(server.log().slice(begin), pid);
  } finally {
    await server.end();
  }
}

/** The bytes that all scavenges of one process copied or promoted, of those that were allocated. */
function survival(lines, pid) {
  const scavenges = lines.filter((line) => line.startsWith(`[${pid}:`) && / gc=s |"gc":"s"/.test(line));
  const sum = (name) =>
    scavenges.reduce((all, line) => all + Number(new RegExp(`[ "]${name}(?:=|":)(\\d+)`).exec(line)?.[1] ?? 0), 0);
  const [copied, promoted, allocated] = ['new_space_survived', 'promoted', 'allocated'].map(sum);
  const per = (bytes) => `${((100 * bytes) / allocated).toFixed(1)} %`;
  return {
    scavenges: scavenges.length,
    'MB allocated': (allocated / 1e6).toFixed(0),
    copied: per(copied),
    promoted: per(promoted),
  };
}
