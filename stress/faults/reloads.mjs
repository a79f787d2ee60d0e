import { setTimeout as sleep } from 'node:timers/promises';
import { spread } from './judge.mjs';
import { startLoad } from './load.mjs';
import { startServer } from './server.mjs';

/** Reload after reload under load: no request may fail. */
export async function reloads({ reloads: count, until }) {
  const server = await startServer(['-w', '4']);
  const load = startLoad(server.port);
  const times = [];
  while (times.length < count && performance.now() < until) {
    await sleep(Math.random() * 40);
    const before = server.status.description.reload.generation;
    const start = performance.now();
    process.kill(server.pid, 'SIGHUP');
    await server.until('the reload', () => isDone(server.status.description.reload, before));
    times.push(performance.now() - start);
    await server.full(); // The old ones have left.
  }
  const { requests, failures } = await load.stop();
  const left = await server.stop();
  const killed = server.log.filter((line) => /is killed|died/.test(line));
  return {
    numbers: { reloads: times.length, requests, failed: failures.length, msUntilReloaded: spread(times) },
    violations: [
      ...(times.length < count ? [`only ${times.length} of ${count} reloads in the time`] : []),
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
