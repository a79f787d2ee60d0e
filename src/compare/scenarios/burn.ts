import { percentile } from '../../util/statistics.js';
import { HttpConnection } from '../clients/http.js';
import { failuresOf, latenciesOf, paced } from '../clients/paced.js';
import { noteOf, type Scenario, SETUPS } from '../scenario.js';

/** Requests a second: little enough that they do not meet one another. */
const RATE = 100;
const SILENCE_TIMEOUT_MS = 30_000;

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
    const pace = { port, path: '/', rate: RATE, seconds, silenceMs: SILENCE_TIMEOUT_MS };
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
