// npm run stress:faults: kills, reloads and bad clients under load, against `prefork start`.
import { parseArgs } from 'node:util';
import { badClients } from './faults/bad-clients.mjs';
import { kills } from './faults/kills.mjs';
import { reloads, workers } from './faults/reloads.mjs';
import { situations } from './faults/situations.mjs';
import { fullBacklog, fullTable } from './faults/waiting-clients.mjs';

const phases = { kills, reloads, workers, badClients, fullTable, fullBacklog, situations };
const HELP = `npm run stress:faults -- [options]
  --kills N      kills of random workers, one in 20 of the zygote (default 1000)
  --reloads N    (default 200)
  --clients N    that hang up, and as many that send a byte a second, and so on (default 300)
  --seconds N    at most so long for the kills, and for the reloads; so long for the situations, and for the reloads
                 of an app with Workers (default 600), which has piscina from STRESS_MODULES, a file beside node_modules
  --only LIST    of ${Object.keys(phases).join(', ')}
The last line of the output is the result as JSON; the exit status is 1 when anything is as it should not be.`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    reloads: { type: 'string', default: '200' },
    clients: { type: 'string', default: '300' },
    seconds: { type: 'string', default: '600' },
    only: { type: 'string', default: Object.keys(phases).join(',') },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}

const result = { node: process.version };
let failed = 0;
for (const name of values.only.split(',')) {
  const phase = phases[name];
  if (phase === undefined) throw new RangeError(`--only ${name}: of ${Object.keys(phases).join(', ')}`);
  const start = performance.now();
  const { numbers, violations } = await phase({
    kills: Number(values.kills),
    reloads: Number(values.reloads),
    clients: Number(values.clients),
    until: start + 1000 * Number(values.seconds),
  });
  const seconds = Math.round((performance.now() - start) / 1000);
  failed += violations.length;
  console.log(`${name}: ${violations.length === 0 ? 'well' : 'FAILED'} after ${seconds} s`);
  for (const violation of violations.slice(0, 20)) console.log(`  ${violation}`);
  result[name] = { seconds, ...numbers, violations: violations.length };
}
console.log(JSON.stringify(result));
process.exitCode = failed > 0 ? 1 : 0;
