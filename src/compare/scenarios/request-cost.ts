import { callsOf, underLoad } from '../instruments/cost.js';
import { type Scenario, SETUPS } from '../scenario.js';

/** Under strace; each takes many times as long there. */
const TRACED = 300;
/** How long all may take, in seconds. */
const LIMIT = 10;

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
    const { calls, ...note } = await callsOf(server, { ...work, requests: TRACED });
    return { figures: { switches: (used.voluntary + used.involuntary) / load.requests, calls }, ...note };
  },
};
