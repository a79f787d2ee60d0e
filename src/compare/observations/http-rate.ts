import { Clients, percentile } from '../clients/load.js';
import type { Effort } from '../effort.js';
import type { Observation } from '../observation.js';
import type { Server } from '../server.js';
import { meter } from '../usage.js';
import { onlyHttp } from './only-http.js';

/** Clients at a time: enough to keep four workers busy. */
const CLIENTS = 32;
const WARM_UP = 0.2;
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

async function observe(server: Server, { seconds }: Effort, kind: Pick<Kind, 'perConnection'>) {
  const clients = await Clients.start(server, { connections: CLIENTS, seconds, warmUp: WARM_UP, ...kind });
  try {
    const used = meter(server.members());
    const load = await clients.run();
    const { cpu } = used();
    if (load.requests === 0) throw new Error('no request was answered');
    const note = [
      ...(load.failed === 0 ? [] : [`${load.failed} requests failed`]),
      ...(load.busy < BUSY ? [] : ['the clients were at work all the time: they may have been the limit']),
    ].join('; ');
    return {
      figures: {
        rate: load.requests / load.seconds,
        p50: percentile(load.latencies, 0.5),
        p99: percentile(load.latencies, 0.99),
        cpu: (cpu * 1000) / load.requests,
      },
      ...(note === '' ? {} : { note }),
    };
  } finally {
    clients.end();
  }
}
