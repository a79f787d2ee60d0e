import { TABLE } from '../settings/index.js';
import { until } from '../util/poll.js';
import { checked, defineCommand, UsageError } from './command.js';
import { HeldServer } from './held-server.js';
import { print } from './print.js';
import { PIDFILE, serverOf } from './resolve-server.js';

/** How long a server may take to heed one signal, in milliseconds. */
const SIGNAL_TIMEOUT_MS = 5000;

export const scale = defineCommand({
  name: 'scale',
  summary: 'Change how many workers a server is to have; as SIGTTIN and SIGTTOU do, one at a time',
  positionals: 'N [PID]',
  options: { pidfile: PIDFILE },
  async run({ values, positionals: [number, given, ...others] }) {
    if (number === undefined) throw new UsageError("how many workers? 'prefork scale 4'");
    if (others.length > 0) throw new UsageError('scale is for one server at a time');
    const wanted = checked(TABLE.workers.kind, 'N', number);
    using server = new HeldServer(serverOf(given, values.pidfile));
    while (targetOf(server) !== wanted) await step(server, wanted);
    return print(`server ${server.pid} is to have ${wanted} ${wanted === 1 ? 'worker' : 'workers'}\n`);
  },
});

/** One worker more or fewer. A second signal would merge with one that is still pending. */
async function step(server: HeldServer, wanted: number): Promise<void> {
  const before = targetOf(server);
  server.signal(before < wanted ? 'SIGTTIN' : 'SIGTTOU');
  const hasChanged = await until(() => targetOf(server) !== before || undefined, SIGNAL_TIMEOUT_MS);
  if (!hasChanged) throw new Error(`server ${server.pid} does not heed signals; it stays at ${before} workers`);
}

function targetOf({ header, pid }: HeldServer): number {
  if (header.stopping) throw new Error(`server ${pid} is about to end`);
  return header.target;
}
