import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { percentile } from '../clients/load.js';
import type { Effort } from '../effort.js';
import type { Model } from '../models.js';
import type { Observation } from '../observation.js';
import type { ForkTimes } from '../programs/fork-time.js';
import { complaintIn } from '../servers/complaint.js';
import type { Server } from '../servers/server.js';

const PROGRAM = fileURLToPath(new URL('../programs/fork-time.js', import.meta.url));
/** How long all may take, in milliseconds. */
const PATIENCE = 20_000;
/** How often the scoreboard is read, in milliseconds. */
const PAUSE = 1;

export const fork: Observation = {
  id: 'fork',
  title: 'How long it takes to make a worker',
  how: 'From fork(), or cluster.fork(), until the parent reads a byte that the child has written, or hears that it is online, in a program that does nothing else; of prefork start from SIGTTIN, which orders one worker more, until `prefork status` shows its process (looked for every millisecond); the median of several times.',
  figures: {
    ms: { label: 'until the new process runs', unit: 'ms', better: 'less' },
    held: { label: 'the parent is held', unit: 'ms', better: 'less' },
  },
  excluded: (model) => (WAYS[model] === undefined ? NONE : undefined),
  async observe(server, effort) {
    const way = WAYS[server.model];
    if (way === undefined) throw new Error(NONE);
    return way(server, effort);
  },
};

const NONE = 'it makes no processes';
const WAYS: Readonly<Partial<Record<Model, Observation['observe']>>> = {
  prefork: (_, { tries }) => byProgram('fork', 3 * tries),
  start: byOrder,
  cluster: (_, { tries }) => byProgram('cluster', tries),
  'cluster-none': (_, { tries }) => byProgram('cluster', tries),
};

async function byProgram(way: string, times: number) {
  const { held, runs } = await timesOf(way, times);
  return { figures: { ms: median(runs), held: median(held) } };
}

async function timesOf(way: string, times: number): Promise<ForkTimes> {
  const options = { timeout: PATIENCE, killSignal: 'SIGKILL' } as const;
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, way, `${times}`], options);
    return JSON.parse(stdout);
  } catch (error) {
    throw new Error(complaintIn((error as { stderr?: string }).stderr ?? `${error}`));
  }
}

async function byOrder(server: Server, { tries }: Effort) {
  const times: number[] = [];
  while (times.length < tries) times.push(await oneMore(server));
  return { figures: { ms: median(times), held: null }, note: 'its zygote forks, and holds nobody by that' };
}

/** Orders one worker more, and takes the order back. */
async function oneMore(server: Server): Promise<number> {
  const before = server.serving();
  const start = performance.now();
  process.kill(server.root, 'SIGTTIN');
  await until(() => server.serving().some((pid) => !before.includes(pid)));
  const time = performance.now() - start;
  process.kill(server.root, 'SIGTTOU');
  await until(() => server.serving().length === before.length);
  return time;
}

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`the server has not heeded a signal for ${PATIENCE / 1000} s`);
    await sleep(PAUSE);
  }
}

function median(times: number[]): number | null {
  return percentile(
    times.sort((one, other) => one - other),
    0.5,
  );
}
