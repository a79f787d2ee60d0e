// npm run bench:view: the processor time of one look of "prefork view" at a tree of processes with many connections.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { FigureTaker } from '../dist/figure/taker.js';

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
const program = resolve(import.meta.dirname, '../dist/cli/main.js');
const date = new Date().toISOString();
const out = resolve(values.out ?? join(import.meta.dirname, 'results', `view-${date.slice(0, 10)}.json`));

const server = spawn(
  process.execPath,
  [
    program,
    'echo',
    '--quiet',
    '--model',
    values.model,
    '--workers',
    `${workers}`,
    '--host',
    '127.0.0.1',
    '--port',
    '0',
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
try {
  const port = await new Promise((settle) => {
    createInterface({ input: server.stdout }).on('line', (line) => {
      const [, found] = /^Listening on .*:(\d+)/.exec(line) ?? [];
      if (found !== undefined) settle(Number(found));
    });
  });
  const clients = await Promise.all(
    Array.from({ length: connections }, () => {
      const client = connect(port, '127.0.0.1');
      return new Promise((settle, fail) => client.once('connect', () => settle(client)).once('error', fail));
    }),
  );
  const taker = new FigureTaker();
  const first = taker.take([server.pid]);
  const results = [];
  for (let run = 0; run < runs; run++) {
    const before = process.cpuUsage();
    for (let look = 0; look < looks; look++) taker.take([server.pid]);
    const { user, system } = process.cpuUsage(before);
    results.push((user + system) / looks / 1000);
  }
  for (const client of clients) client.destroy();
  const median = results.toSorted((a, b) => a - b)[Math.floor(runs / 2)];
  const seen = {
    processes: first.processes.length,
    connections: first.connections.length,
    queued: first.listeners[0]?.queued ?? 0,
  };
  const machine = {
    processor: cpus()[0]?.model,
    processors: availableParallelism(),
    kernel: release(),
    load: loadavg(),
  };
  mkdirSync(join(out, '..'), { recursive: true });
  writeFileSync(
    out,
    `${JSON.stringify({ date, machine, node: process.version, options: values, seen, milliseconds: results }, null, 2)}\n`,
  );
  console.log(`${seen.processes} processes, ${seen.connections} connections, ${seen.queued} queued`);
  console.log(`processor time of a look: ${median.toFixed(2)} ms (${results.map((ms) => ms.toFixed(2)).join(', ')})`);
  console.log(`raw numbers: ${relative('.', out)}`);
} finally {
  server.kill();
}
