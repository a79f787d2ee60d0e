import { median } from '../../util/statistics.js';
import { timeForks } from '../instruments/fork-times.js';
import { orThrow, type Scenario, SETUPS } from '../scenario.js';
import type { Server } from '../servers/server.js';

/** How long a server may take to heed a signal. */
const SIGNAL_TIMEOUT_MS = 20_000;
/** How often the scoreboard is read, in milliseconds. */
const PAUSE = 1;

export const fork: Scenario = {
  id: 'fork',
  setup: SETUPS.echoInRounds,
  title: 'How long it takes to make a worker',
  how: 'From fork(), or cluster.fork(), until the parent reads a byte that the child has written, or hears that it is online, in a program that does nothing else; of prefork start from SIGTTIN, which orders one worker more, until `prefork status` shows its process (looked for every millisecond); the median of several times.',
  figures: {
    ms: { label: 'until the new process runs', unit: 'ms', better: 'less' },
    held: { label: 'the parent is held', unit: 'ms', better: 'less' },
  },
  needsWorkers: 'it makes no processes',
  async run(server, { tries }) {
    if (server.model === 'start') {
      const times: number[] = [];
      while (times.length < tries) times.push(await oneMore(server));
      return { figures: { ms: median(times), held: null }, note: 'its zygote forks, and holds nobody by that' };
    }
    const isPrefork = server.model === 'prefork';
    const { returned, heard } = await timeForks(isPrefork ? 'prefork' : 'cluster.fork', isPrefork ? 3 * tries : tries);
    return { figures: { ms: median(heard), held: median(returned) } };
  },
};

/** Orders one worker more, and takes the order back. */
async function oneMore(server: Server): Promise<number> {
  const before = server.serving();
  const start = performance.now();
  process.kill(server.root, 'SIGTTIN');
  await heeded(() => server.serving().some((pid) => !before.includes(pid)));
  const time = performance.now() - start;
  process.kill(server.root, 'SIGTTOU');
  await heeded(() => server.serving().length === before.length);
  return time;
}

function heeded(holds: () => boolean): Promise<true> {
  const problem = `the server has not heeded a signal for ${SIGNAL_TIMEOUT_MS / 1000} s`;
  return orThrow(problem, holds, SIGNAL_TIMEOUT_MS, PAUSE);
}
