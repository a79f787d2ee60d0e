import { percentile } from '../../util/statistics.js';
import { underLoad } from '../instruments/cost.js';
import { noteOf, type Scenario, SETUPS } from '../scenario.js';

/** Clients at a time: enough to keep four workers busy. */
const CLIENTS = 32;
/** Clients that are at work for so much of the time may be what is slow. */
const BUSY = 0.95;

const CPU = 'Processor time is the first number of /proc/PID/task/*/schedstat, of all processes of the server.';

export const connectionPerRequest: Scenario = {
  id: 'connection-per-request',
  title: 'A connection for each request',
  how: `32 clients in another process, each of which connects, asks with \`Connection: close\`, reads the answer to its end and begins again: \`wrk -c32 -H "Connection: close" URL\` does the same. ${CPU}`,
  ...rateOf({ perConnection: 1 }),
};

export const keepAlive: Scenario = {
  id: 'keep-alive',
  title: 'Requests on connections that stay',
  how: `32 clients in another process, each of which asks again on its connection as soon as it has its answer: \`wrk -c32 URL\` does the same. ${CPU}`,
  ...rateOf({}),
};

/** How many requests are served in a second, how soon, and what the processes of the server need for each. */
function rateOf(kind: { readonly perConnection?: number }): Pick<Scenario, 'setup' | 'figures' | 'run'> {
  return {
    setup: SETUPS.httpInRounds,
    figures: {
      rate: { label: 'requests a second', unit: '/s', better: 'more' },
      p50: { label: 'p50', unit: 'ms', better: 'less' },
      p99: { label: 'p99', unit: 'ms', better: 'less' },
      cpu: { label: 'processor time a request', unit: 'µs', better: 'less' },
    },
    async run(server, { seconds, warmUp }) {
      const { load, used } = await underLoad(server, { connections: CLIENTS, seconds, warmUp, ...kind });
      return {
        figures: {
          rate: load.requests / load.seconds,
          p50: percentile(load.latencies, 0.5),
          p99: percentile(load.latencies, 0.99),
          cpu: (used.cpu * 1000) / load.requests,
        },
        note: noteOf(
          load.failed > 0 && `${load.failed} requests failed`,
          load.busy >= BUSY && 'the clients were at work all the time: they may have been the limit',
        ),
      };
    },
  };
}
