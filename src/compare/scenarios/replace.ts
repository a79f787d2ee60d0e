import { median } from '../../util/statistics.js';
import { untilAnswered } from '../clients/ask.js';
import { type Scenario, SETUPS } from '../scenario.js';
import type { Server } from '../servers/server.js';

/** How long a worker may take until it is replaced. */
const REPLACE_TIMEOUT_MS = 10_000;

export const replace: Scenario = {
  id: 'replace',
  setup: SETUPS.httpInRounds,
  title: 'Time until a killed worker is replaced',
  how: 'kill -9 one worker, and have as many clients as there are workers ask again and again, each time on a connection of its own and 2 ms after the last answer, until a process answers that was not there before; the median of several times.',
  figures: { ms: { label: 'until another one answers', unit: 'ms', better: 'less' } },
  needsWorkers: 'nobody replaces its only process',
  async run(server, { tries }) {
    const times: number[] = [];
    while (times.length < tries) times.push(await timeToReplace(server));
    return { figures: { ms: median(times) } };
  },
};

async function timeToReplace(server: Server): Promise<number> {
  const known = new Set(server.members());
  const [victim] = server.serving();
  if (victim === undefined) throw new Error('there is no worker');
  const start = performance.now();
  process.kill(victim, 'SIGKILL');
  const asking = { known, clients: server.workers, timeoutMs: REPLACE_TIMEOUT_MS };
  const [answered] = (await untilAnswered(server.port, 1, asking)).values();
  if (answered === undefined) throw new Error(`no other process has answered within ${REPLACE_TIMEOUT_MS / 1000} s`);
  return answered - start;
}
