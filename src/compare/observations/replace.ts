import { setTimeout as sleep } from 'node:timers/promises';
import { askWho } from '../clients/ask.js';
import { percentile } from '../clients/load.js';
import type { Observation } from '../observation.js';
import type { Server } from '../servers/server.js';
import { onlyHttp } from './only-http.js';

/** How long a worker may take until it is replaced, in milliseconds. */
const PATIENCE = 10_000;
/** How long each client pauses, in milliseconds: they are to see it soon, and not to keep the processors from it. */
const PAUSE = 2;

export const replace: Observation = {
  id: 'replace',
  title: 'Time until a killed worker is replaced',
  how: 'kill -9 one worker, and have as many clients as there are workers ask again and again, each time on a connection of its own and 2 ms after the last answer, until a process answers that was not there before; the median of several times.',
  figures: { ms: { label: 'until another one answers', unit: 'ms', better: 'less' } },
  excluded: (model) => onlyHttp(model) ?? (model === 'event-loop' ? 'nobody replaces its only process' : undefined),
  async observe(server, { tries }) {
    const times: number[] = [];
    while (times.length < tries) times.push(await timeToReplace(server));
    return { figures: { ms: percentile(times.sort(ascending), 0.5) } };
  },
};

const ascending = (one: number, other: number) => one - other;

async function timeToReplace(server: Server): Promise<number> {
  const known = new Set(server.members());
  const [victim] = server.serving();
  if (victim === undefined) throw new Error('there is no worker');
  const start = performance.now();
  process.kill(victim, 'SIGKILL');
  const found = new AbortController();
  const asking = Array.from({ length: server.workers }, () => untilAnother(server, known, found.signal));
  try {
    // A connection that was lost with the worker is not waited for.
    return (await Promise.any(asking)) - start;
  } catch {
    throw new Error(`no other process has answered within ${PATIENCE / 1000} s`);
  } finally {
    found.abort();
  }
}

/** Asks until a process answers that is not known. @returns when, by performance.now() */
async function untilAnother(server: Server, known: ReadonlySet<number>, found: AbortSignal): Promise<number> {
  const end = performance.now() + PATIENCE;
  while (performance.now() < end && !found.aborted) {
    const pid = await askWho(server.port);
    if (pid !== undefined && !known.has(pid)) return performance.now();
    await sleep(PAUSE);
  }
  throw new Error('none has answered');
}
