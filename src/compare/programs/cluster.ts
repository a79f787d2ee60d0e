// cluster.js WORKERS SCHEDULING APP: an app on node:cluster.
import { runPrimary } from '../../tutorial/cluster/primary.js';

const [workers, scheduling, exec = ''] = process.argv.slice(2);

process.exitCode = await runPrimary({
  exec,
  args: [],
  workers: Number(workers),
  scheduling: scheduling === 'none' ? 'none' : 'round-robin',
  ready: ({ port }, children) => console.log(`Listening on 127.0.0.1:${port}, children ${children.join(' ')}`),
  report: (line) => console.error(line),
});
