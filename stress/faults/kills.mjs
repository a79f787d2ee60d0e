import { setTimeout as sleep } from 'node:timers/promises';
import { judge, now, spread } from './judge.mjs';
import { startLoad } from './load.mjs';
import { startServer } from './server.mjs';

/** One kill in so many is the zygote's. */
const ZYGOTE_EVERY = 20;

/** Random workers, and now and then the zygote, are killed under load. */
export async function kills({ kills: count, until }) {
  const server = await startServer(['-w', '4']);
  const load = startLoad(server.port);
  const killed = { worker: [], zygote: [] };
  const times = { worker: [], zygote: [] };
  const total = () => killed.worker.length + killed.zygote.length;
  while (total() < count && performance.now() < until) {
    await sleep(Math.random() * 40);
    const role = (total() + 1) % ZYGOTE_EVERY === 0 ? 'zygote' : 'worker';
    const pid = role === 'zygote' ? server.status.description.zygote.pid : pick(server.workers).pid;
    const start = performance.now();
    const before = now();
    process.kill(pid, 'SIGKILL');
    killed[role].push({ pid, before, after: now() });
    await server.full([pid]);
    times[role].push(performance.now() - start);
  }
  const { requests, failures } = await load.stop();
  const { inFlight, unnoted, unexcused } = judge(failures, killed.worker, server.readJournal());
  const left = await server.stop();
  const pids = new Set([...killed.worker, ...killed.zygote].map(({ pid }) => String(pid)));
  const died = server.log.filter((line) => {
    const [, pid] = /pid (\d+): (?:died|ended|is killed|to be)/.exec(line) ?? [];
    return pid !== undefined && !pids.has(pid);
  });
  return {
    numbers: {
      kills: total(),
      ofWorkers: killed.worker.length,
      ofZygotes: killed.zygote.length,
      requests,
      failed: failures.length,
      failedInFlightOnTheKilled: inFlight,
      failedBeforeItWasNoted: unnoted,
      failedOtherwise: unexcused.length,
      msUntilFullAfterWorker: spread(times.worker),
      msUntilFullAfterZygote: spread(times.zygote),
    },
    violations: [
      ...(total() < count ? [`only ${total()} of ${count} kills in the time`] : []),
      ...unexcused.map((failure) => `unexcused: ${JSON.stringify(failure)}`),
      ...died,
      ...left,
    ],
  };
}

function pick(list) {
  return list[Math.floor(Math.random() * list.length)];
}
