import { percentile } from '../../util/statistics.js';
import { callsOf, underLoad } from '../instruments/cost.js';
import { noteOf, type Scenario, SETUPS } from '../scenario.js';

/** Under strace; each takes many times as long there. */
const TRACED = 500;
/** How long they may take, in seconds. */
const LIMIT = 5;

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
    const { calls, note } = await callsOf(server, { connections: 1, requests: TRACED, seconds: LIMIT, warmUp: 0 });
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
