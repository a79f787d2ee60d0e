import { percentile } from '../../util/statistics.js';
import { callsOf, underLoad } from '../instruments/load.js';
import { noteOf, type Scenario, SETUPS } from '../scenario.js';

// What requests and lines cost under a load of clients that ask again as soon as they have their answer.

/** Clients at a time: enough to keep four workers busy. */
const CLIENTS = 32;
/** Clients that are at work for so much of the time may be what is slow. */
const BUSY = 0.95;
/** How many are traced by strace, of requests and of lines; each takes many times as long there. */
const TRACED = { requests: 300, lines: 500 } as const;
/** How long these may take, in seconds. */
const LIMIT = 10;

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
      const [p50, p99] = [percentile(load.latencies, 0.5), percentile(load.latencies, 0.99)];
      return {
        figures: { rate: load.requests / load.seconds, p50, p99, cpu: (used.cpu * 1000) / load.requests },
        note: noteOf(
          load.failed > 0 && `${load.failed} requests failed`,
          load.busy >= BUSY && 'the clients were at work all the time: they may have been the limit',
        ),
      };
    },
  };
}

export const requestCost: Scenario = {
  id: 'request-cost',
  setup: SETUPS.httpInRounds,
  title: 'Context switches and system calls of a request',
  how: 'Requests of 8 clients, each on a connection of its own: what voluntary_ctxt_switches and nonvoluntary_ctxt_switches in /proc/PID/task/*/status of all processes of the server grow by; system calls by `strace -f -c -p PID …`, attached to all of them during 300 requests.',
  figures: {
    switches: { label: 'context switches', unit: '', better: 'less' },
    calls: { label: 'system calls', unit: '', better: 'less' },
  },
  async run(server, { requests }) {
    const work = { connections: 8, perConnection: 1, seconds: LIMIT, warmUp: 0.1 };
    const { load, used } = await underLoad(server, { ...work, requests });
    const { calls, ...note } = await callsOf(server, { ...work, requests: TRACED.requests });
    return { figures: { switches: (used.voluntary + used.involuntary) / load.requests, calls }, ...note };
  },
};

export const roundTrips: Scenario = {
  id: 'round-trips',
  setup: SETUPS.echoInRounds,
  title: 'Lines echoed, one after the other',
  how: 'A client in a process of its own sends 64 bytes, blocks in read(2) until they are back, and so on; then three of them at the same time. Processor time is the first number of /proc/PID/task/*/schedstat and context switches those of status there, of all processes of the server; system calls by `strace -f -c -p PID …`, attached to all of them during 500 lines.',
  figures: {
    rate: { label: 'lines a second on one connection', unit: '/s', better: 'more' },
    rate3: { label: 'lines a second on three', unit: '/s', better: 'more' },
    p50: { label: 'p50', unit: 'µs', better: 'less' },
    cpu: { label: 'processor time a line', unit: 'µs', better: 'less' },
    switches: { label: 'context switches a line', unit: '', better: 'less' },
    calls: { label: 'system calls a line', unit: '', better: 'less' },
  },
  async run(server, { seconds, warmUp }) {
    const work = { seconds: seconds / 2, warmUp: warmUp / 2 };
    const { load, used } = await underLoad(server, { ...work, connections: 1 });
    const { load: three } = await underLoad(server, { ...work, connections: 3 });
    const { calls, note } = await callsOf(server, {
      connections: 1,
      requests: TRACED.lines,
      seconds: LIMIT,
      warmUp: 0,
    });
    const failed = load.failed + three.failed;
    return {
      figures: {
        rate: load.requests / load.seconds,
        rate3: three.requests / three.seconds,
        p50: (percentile(load.latencies, 0.5) ?? 0) * 1000,
        cpu: (used.cpu * 1000) / load.requests,
        switches: (used.voluntary + used.involuntary) / load.requests,
        calls,
      },
      note: noteOf(failed > 0 && `${failed} lines were not echoed`, note),
    };
  },
};
