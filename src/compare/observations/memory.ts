import { underLoad } from '../cost.js';
import type { Effort } from '../effort.js';
import type { Observation, Point } from '../observation.js';
import type { Server } from '../server.js';
import { familyMemory } from '../usage.js';

const LIMIT = 20;

/** What a family takes, in MB. */
interface Family {
  readonly workers: number;
  readonly idle: number;
  readonly served: number;
}

export const memory: Observation = {
  id: 'memory',
  title: 'Memory of one more worker',
  how: 'Pss of /proc/PID/smaps_rollup, summed over all processes of the server, which counts what they share once: when all serve, and after each worker has had as many requests or lines on average, ten on a connection; the difference between the largest and the smallest family, for each worker more. Whatever else runs on the same Node binary shares in paying for its pages.',
  figures: {
    idle: { label: 'idle', unit: 'MB', better: 'less' },
    served: { label: 'having served', unit: 'MB', better: 'less' },
  },
  plot: { kind: 'lines', x: 'workers', y: 'MB of all processes, having served' },
  async observe(server, effort) {
    const families: Family[] = [];
    for (const workers of effort.families) families.push(await familyOf(server, workers, effort));
    const points = families.map(({ workers, served }): Point => [workers, served]);
    const [first, last] = [families[0], families.at(-1)];
    if (first === undefined || last === undefined || first.workers === last.workers) {
      return {
        figures: { idle: null, served: null },
        points: points.slice(0, 1),
        note: 'it has one process in any case',
      };
    }
    const oneMore = (of: 'idle' | 'served') => (last[of] - first[of]) / (last.workers - first.workers);
    return { figures: { idle: oneMore('idle'), served: oneMore('served') }, points };
  },
};

async function familyOf(server: Server, wanted: number, { families, requests }: Effort): Promise<Family> {
  const family = await server.another(wanted);
  try {
    const idle = familyMemory(family.members());
    const workers = family.serving().length;
    const each = Math.ceil(requests / Math.min(...families));
    const load = { connections: 2 * workers, perConnection: 10, requests: each * workers, seconds: LIMIT, warmUp: 0 };
    await underLoad(family, load);
    return { workers, idle, served: familyMemory(family.members()) };
  } finally {
    await family.end();
  }
}
