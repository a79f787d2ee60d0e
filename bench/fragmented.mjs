// npm run bench:fragmented: the memory of an app that threw away much of what it loaded, before and after each worker has
// collected all garbage once, where the heap is compacted before the fork and where it is not.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ask } from '../dist/compare/clients/ask.js';
import { exitOnSignals } from '../dist/compare/program.js';
import { startServer } from '../dist/compare/server.js';
import { familyMemory } from '../dist/proc/usage.js';
import { machine, outOf, save, table, tellRawNumbers } from './report.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    workers: { type: 'string', default: '4' },
    kept: { type: 'string', default: '40,80,95,100' },
    out: { type: 'string' },
  },
});
const rounds = Math.min(20, Math.max(1, Number(values.rounds)));
const workers = Math.min(64, Math.max(1, Number(values.workers)));
const APP = join(import.meta.dirname, '../test/fixtures/start/fragmented.mjs');
/** V8 compacts nothing, whoever asks for it. */
const WAYS = { prefork: [], '--no-compact': ['--no-compact'] };
const COLLECT = 'GET /collect HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

exitOnSignals();
const out = outOf(values.out, 'fragmented.json');
const rows = [];
for (let round = 1; round <= rounds; round++) {
  for (const kept of values.kept.split(',')) {
    for (const [way, nodeFlags] of Object.entries(WAYS))
      rows.push({ round, kept, way, ...(await measure(kept, nodeFlags)) });
  }
}
save(out, { date: new Date().toISOString(), machine: machine(), workers, rows });
table(rows);
tellRawNumbers(out);

/** Memory of all processes, and a worker's own after the collection: in MB and MiB; how long the compaction took, in ms. */
async function measure(kept, nodeFlags) {
  process.env.KEPT = kept;
  const server = await startServer({ model: 'start', app: 'http', workers, quiet: true, program: APP, nodeFlags });
  try {
    const idle = familyMemory(server.members());
    const own = new Map();
    while (own.size < workers) {
      const answer = JSON.parse((await ask(server.port, 'http', COLLECT)).split('\r\n\r\n')[1]);
      own.set(answer.pid, answer.own);
    }
    const compaction = /compacted to .* in (\d+) ms/.exec(server.log().join('\n'));
    return {
      idle: Math.round(idle),
      collected: Math.round(familyMemory(server.members())),
      own: Math.round(Math.max(...own.values())),
      compaction: compaction === null ? '–' : Number(compaction[1]),
    };
  } finally {
    await server.end();
  }
}
