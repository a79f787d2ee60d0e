import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../proc/process.js';
import { monotonicNow } from '../../scoreboard/index.js';
import { until } from '../../util/poll.js';
import { percentile } from '../../util/statistics.js';
import { HttpConnection } from '../clients/http.js';
import { answeredOf, failuresOf, latenciesOf, paced, type Request } from '../clients/paced.js';
import { noteOf, type Scenario, SETUPS, type Server } from '../scenario.js';

// What happens to requests that come at their times, whether those before have been answered or not.

/** Requests a second: little enough that they do not meet one another. */
const RATE = 100;
/** How long a request computes while workers die, in milliseconds: one processor could do all of them alone. */
const WORK = 2;
/** How long no client may have an answer before those that wait for one have failed. */
const SILENCE_TIMEOUT_MS = { burn: 30_000, death: 1000 } as const;
/** How long a replacement may take. */
const REPLACE_TIMEOUT_MS = 3000;
/** From one that was replaced to the next that is killed, in milliseconds. */
const PAUSE = 500;

export const burn: Scenario = {
  id: 'burn',
  setup: SETUPS.http,
  title: 'What the others feel of a CPU-heavy request',
  how:
    `${RATE} requests a second, each on a connection of its own, first alone, then while one request computes all the ` +
    'time: `curl "127.0.0.1:PORT/burn?ms=5000" & while sleep 0.01; do curl -s -o /dev/null -w "%{time_total}\\n" ' +
    '127.0.0.1:PORT/; done`.',
  figures: {
    idle50: { label: 'p50 alone', unit: 'ms', better: 'less' },
    idle99: { label: 'p99 alone', unit: 'ms', better: 'less' },
    p50: { label: 'p50 beside it', unit: 'ms', better: 'less' },
    p99: { label: 'p99 beside it', unit: 'ms', better: 'less' },
    // A single request that waits behind the computing one is beyond the p99 of many.
    slowest: { label: 'slowest beside it', unit: 'ms', better: 'less' },
  },
  async run({ port }, { seconds }) {
    const pace = { port, path: '/', rate: RATE, seconds, silenceMs: SILENCE_TIMEOUT_MS.burn };
    const alone = await paced({ ...pace, seconds: seconds / 2 });
    using connection = new HttpConnection(port);
    const beside = await paced(pace, () => connection.get(`/burn?ms=${seconds * 1000}`));
    const [idle, busy] = [latenciesOf(alone), latenciesOf(beside)];
    const failures = failuresOf([...alone, ...beside]);
    return {
      figures: {
        idle50: percentile(idle, 0.5),
        idle99: percentile(idle, 0.99),
        p50: percentile(busy, 0.5),
        p99: percentile(busy, 0.99),
        slowest: busy.at(-1) ?? null,
      },
      note: noteOf(failures !== '' && `requests that failed: ${failures}`),
    };
  },
};

export const workerDiesUnderLoad: Scenario = {
  id: 'worker-dies-under-load',
  setup: SETUPS.http,
  title: 'kill -9 of a worker under load',
  how:
    `${RATE} requests a second, each on a connection of its own, each ${WORK} ms of work: \`while sleep 0.01; do curl -sS ` +
    `-o /dev/null -w "%{time_total}\\n" "127.0.0.1:PORT/burn?ms=${WORK}" & done\`; meanwhile kill -9 a worker, and ` +
    'again one when another has taken its place. Who is left without an answer for a second after all others have theirs has failed; the gap is the longest time in which no answer came.',
  figures: {
    failed: { label: 'requests failed', unit: '', better: 'less' },
    gap: { label: 'longest gap', unit: 'ms', better: 'less' },
  },
  plot: { kind: 'dots', x: 'seconds after the first kill', y: 'ms', scale: 'log' },
  async run(server, { seconds }) {
    const kills: number[] = [];
    const pace = {
      port: server.port,
      path: `/burn?ms=${WORK}`,
      rate: RATE,
      seconds,
      silenceMs: SILENCE_TIMEOUT_MS.death,
    };
    const requests = await paced(pace, () => killNowAndThen(server, seconds * 1000, kills));
    const [first] = kills;
    if (first === undefined) throw new Error('the server ended before a worker was killed');
    const answers = answeredOf(requests);
    const failures = failuresOf(requests);
    return {
      figures: { failed: requests.length - answers.length, gap: longestGap(requests) },
      points: answers.map(([sent, answer]) => [(sent - first) / 1000, answer]),
      note: noteOf(
        `${kills.length} killed under ${requests.length} requests`,
        failures !== '' && `failed: ${failures}`,
        !isAlive(server.root) && 'nobody was left to serve: the gap lasts as long as the load',
      ),
    };
  },
};

/** One after a while, others when each is replaced. */
async function killNowAndThen(server: Server, duration: number, kills: number[]): Promise<void> {
  const workers = server.serving().length; // On a busy machine this takes long.
  const end = monotonicNow() + duration;
  for (let pause = duration / 4; monotonicNow() + pause < end && isAlive(server.root); pause = PAUSE) {
    await sleep(pause);
    const [victim] = server.serving();
    if (victim === undefined) return;
    process.kill(victim, 'SIGKILL');
    kills.push(monotonicNow());
    const replaced = () => server.serving().length === workers && !server.serving().includes(victim);
    await until(() => !isAlive(server.root) || replaced(), REPLACE_TIMEOUT_MS);
  }
}

/** From one answer to the next, or to the last request. */
function longestGap(requests: readonly Request[]): number {
  const sent = requests.map(([time]) => time);
  const answers = answeredOf(requests).map(([time, answer]) => time + answer);
  const times = [Math.min(...sent), ...answers, Math.max(...sent)].sort((one, other) => one - other);
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
}
