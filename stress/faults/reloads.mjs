import { setTimeout as sleep } from 'node:timers/promises';
import { spread } from './judge.mjs';
import { startLoad } from './load.mjs';
import { startServer } from './server.mjs';

/** An app that starts Workers loads long where other loads share the processors. Milliseconds. */
const RELOAD_TIMEOUT_MS = 120_000;

/** Reload after reload under load: no request may fail. */
export function reloads({ reloads: count, until }) {
  return reloadUnderLoad({ count, until });
}

/** The same with an app that has Workers (worker_threads), for as long as there is time. */
export async function workers({ until }) {
  const app = new URL('workers-app.mjs', import.meta.url);
  const { numbers, violations } = await reloadUnderLoad({ until, app });
  return { numbers: { ...numbers, forks: 4 * (numbers.reloads + 1) }, violations };
}

async function reloadUnderLoad({ count = Number.POSITIVE_INFINITY, until, app }) {
  const server = await startServer(['-w', '4'], app && { app });
  const load = startLoad(server.port);
  const times = [];
  while (times.length < count && performance.now() < until) {
    await sleep(Math.random() * 40);
    const before = server.status.description.reload.generation;
    const start = performance.now();
    process.kill(server.pid, 'SIGHUP');
    await server.until('the reload', () => isDone(server.status.description.reload, before), RELOAD_TIMEOUT_MS);
    times.push(performance.now() - start);
    await server.full(); // The old ones have left.
  }
  const { requests, failures } = await load.stop();
  const left = await server.stop();
  const killed = server.log.filter((line) => /is killed|died/.test(line));
  return {
    numbers: { reloads: times.length, requests, failed: failures.length, msUntilReloaded: spread(times) },
    violations: [
      ...(times.length < count && count < Number.POSITIVE_INFINITY
        ? [`only ${times.length} of ${count} reloads in the time`]
        : []),
      ...failures.map((failure) => `failed: ${JSON.stringify(failure)}`),
      ...killed,
      ...left,
    ],
  };
}

function isDone({ state, generation, reason }, before) {
  if (state === 'failed') throw new Error(`reload of generation ${generation}: ${reason}`);
  return generation > before && state === 'done';
}
