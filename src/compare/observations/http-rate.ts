import { percentile } from '../clients/load.js';
import type { Effort } from '../effort.js';
import { underLoad } from '../instruments/cost.js';
import type { Finding, Observation } from '../observation.js';
import type { Server } from '../servers/server.js';
import { onlyHttp } from './only-http.js';

/** Clients at a time: enough to keep four workers busy. */
const CLIENTS = 32;
/** Clients that are at work for so much of the time may be what is slow. */
const BUSY = 0.95;

interface Kind {
  readonly id: string;
  readonly title: string;
  /** One sends so many requests on a connection before it opens the next. */
  readonly perConnection?: number;
  /** How the clients go about it, and how to do the same by hand. */
  readonly how: string;
}

/** How many requests are served in a second, how soon, and what the processes of the server need for each. */
export function httpRate({ id, title, how, ...kind }: Kind): Observation {
  return {
    id,
    title,
    how: `${how} Processor time is the first number of /proc/PID/task/*/schedstat, of all processes of the server.`,
    figures: {
      rate: { label: 'requests a second', unit: '/s', better: 'more' },
      p50: { label: 'p50', unit: 'ms', better: 'less' },
      p99: { label: 'p99', unit: 'ms', better: 'less' },
      cpu: { label: 'processor time a request', unit: 'µs', better: 'less' },
    },
    excluded: onlyHttp,
    observe: (server, effort) => observe(server, effort, kind),
  };
}

async function observe(
  server: Server,
  { seconds, warmUp }: Effort,
  kind: Pick<Kind, 'perConnection'>,
): Promise<Finding> {
  const { load, used } = await underLoad(server, { connections: CLIENTS, seconds, warmUp, ...kind });
  const notes = [
    ...(load.failed === 0 ? [] : [`${load.failed} requests failed`]),
    ...(load.busy < BUSY ? [] : ['the clients were at work all the time: they may have been the limit']),
  ];
  return {
    figures: {
      rate: load.requests / load.seconds,
      p50: percentile(load.latencies, 0.5),
      p99: percentile(load.latencies, 0.99),
      cpu: (used.cpu * 1000) / load.requests,
    },
    ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
  };
}
