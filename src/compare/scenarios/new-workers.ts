import { median } from '../../util/statistics.js';
import { untilAnswered } from '../clients/ask.js';
import { ForkTimer } from '../instruments/fork-times.js';
import { orThrow, type Scenario, SETUPS, type Server } from '../scenario.js';

export const startUp: Scenario = {
  id: 'start-up',
  setup: SETUPS.echoInRounds,
  title: 'Start-up',
  how: 'From the start of the command until a client that asks every 5 ms has its first answer, and until the server says on its standard output that all its workers serve.',
  figures: {
    first: { label: 'first answer after', unit: 'ms', better: 'less' },
    all: { label: 'all workers after', unit: 'ms', better: 'less' },
  },
  async run({ took }) {
    return { figures: { first: took.answer, all: took.all } };
  },
};

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
    await using timer = await ForkTimer.start();
    const { returned, heard } = await timer.times(
      isPrefork ? 'prefork' : 'cluster.fork',
      isPrefork ? 3 * tries : tries,
    );
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
