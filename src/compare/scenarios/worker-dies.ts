import { isAlive } from '../../proc/process.js';
import { groupBy } from '../../util/group-by.js';
import { until } from '../../util/poll.js';
import { withClients } from '../clients/lines.js';
import { admit, survey } from '../clients/served.js';
import { servingOf } from '../instruments/accepting.js';
import { titleOf } from '../instruments/proc.js';
import { noteOf, orThrow, type Scenario, SETUPS } from '../scenario.js';
import type { Server } from '../servers/server.js';

const CLIENTS = 6;
/** How long it may take until the worker is gone, and until another one takes its place. */
const DEATH_TIMEOUT_MS = 10_000;
const LOOK_INTERVAL_MS = 2;

export const workerDies: Scenario = {
  id: 'worker-dies',
  setup: SETUPS.echo,
  title: 'kill -9 of a worker with clients on it: who loses what',
  how:
    'Six clients (`nc 127.0.0.1 PORT`), or as many as are accepted within 300 ms, say a line and stay. `prefork inspect ' +
    'PID` shows who has the first one’s connection: kill -9 that process, then say another line in each.',
  figures: {
    clients: { label: 'clients', unit: '', better: 'more' },
    lost: { label: 'connections lost', unit: '', better: 'less' },
  },
  run: (server) =>
    withClients(async (clients) => {
      await admit(server.port, CLIENTS, clients);
      const victim = clients[0] && servingOf(server, clients[0].port);
      if (victim === undefined) throw new Error('no process is seen that serves the first client');
      const before = server.serving();
      const title = titleOf(server, victim);
      process.kill(victim, 'SIGKILL');
      const killed = performance.now();
      await orThrow(`${title} does not end`, () => !isAlive(victim), DEATH_TIMEOUT_MS, LOOK_INTERVAL_MS);
      const replaced = await replacement(server, before, killed);
      const { kept, ends } = await survey(clients);
      const lost = ends.length === 0 ? 'no connection' : `${ends.length} of ${clients.length} (${tally(ends)})`;
      return {
        seen: `the death of ${title} broke ${lost}; ${kept.length} were answered on; ${replaced}`,
        figures: { clients: clients.length, lost: ends.length },
        note: noteOf(clients.length < CLIENTS && `no more than ${clients.length} of ${CLIENTS} clients were served`),
      };
    }),
};

async function replacement(server: Server, before: readonly number[], killed: number): Promise<string> {
  if (!isAlive(server.root)) return 'nobody is left';
  const isNew = (pid: number) => !before.includes(pid);
  const newOne = await until(() => server.serving().find(isNew), DEATH_TIMEOUT_MS, LOOK_INTERVAL_MS);
  return newOne === undefined
    ? `nobody has taken its place after ${DEATH_TIMEOUT_MS / 1000} s`
    : `${titleOf(server, newOne)} was there after ${Math.round(performance.now() - killed)} ms`;
}

/** 'end of file, 2 × ECONNRESET'. */
function tally(ends: readonly string[]): string {
  const counts = [...groupBy(ends, (end) => end)].map(([end, { length }]) =>
    length === 1 ? end : `${length} × ${end}`,
  );
  return counts.join(', ');
}
