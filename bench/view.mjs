// npm run bench:view: the processor time of one look of "prefork view" at a tree of processes with many connections.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { connectLines, withClients } from '../dist/compare/clients/lines.js';
import { exitOnSignals } from '../dist/compare/program.js';
import { startServer } from '../dist/compare/server.js';
import { FigureTaker } from '../dist/figure/taker.js';
import { median } from '../dist/util/statistics.js';
import { machine as machineNow, outOf, save, tellRawNumbers } from './report.mjs';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'cluster-none' },
    workers: { type: 'string', default: '15' },
    connections: { type: 'string', default: '200' },
    runs: { type: 'string', default: '5' },
    looks: { type: 'string', default: '50' },
    out: { type: 'string' },
  },
});
const [workers, connections, runs, looks] = ['workers', 'connections', 'runs', 'looks'].map((name) =>
  Number(values[name]),
);
const date = new Date().toISOString();
const out = outOf(values.out, `view-${date.slice(0, 10)}.json`);

exitOnSignals();
const server = await startServer({ model: values.model, app: 'echo', workers, quiet: true });
try {
  const results = [];
  const seen = await withClients(async (clients) => {
    clients.push(...(await Promise.all(Array.from({ length: connections }, () => connectLines(server.port)))));
    const taker = new FigureTaker();
    const { processes, connections: shown, listeners } = taker.take([server.root]);
    for (let run = 0; run < runs; run++) {
      const before = process.cpuUsage();
      for (let look = 0; look < looks; look++) taker.take([server.root]);
      const { user, system } = process.cpuUsage(before);
      results.push((user + system) / looks / 1000);
    }
    return { processes: processes.length, connections: shown.length, queued: listeners[0]?.queued ?? 0 };
  });
  const { cpu: processor, cores: processors, kernel } = machineNow();
  const machine = { processor, processors, kernel, load: loadavg() };
  save(out, { date, machine, node: process.version, options: values, seen, milliseconds: results }, 2);
  console.log(`${seen.processes} processes, ${seen.connections} connections, ${seen.queued} queued`);
  const each = results.map((ms) => ms.toFixed(2)).join(', ');
  console.log(`processor time of a look: ${median(results).toFixed(2)} ms (${each})`);
  tellRawNumbers(out);
} finally {
  await server.end();
}
