import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../proc/process.js';
import { familyMemory } from '../../proc/usage.js';
import { HttpConnection } from '../clients/http.js';
import { underLoad } from '../instruments/load.js';
import { titleOf } from '../instruments/proc.js';
import { noteOf, orThrow, type Point, type Scenario, SETUPS, type Server } from '../scenario.js';

const CLIENTS = 8;
/** How long a family may be kept busy, in seconds. */
const LIMIT = 20;
/** Each worker has one in so many of the requests: a family of ten all of them. */
const SHARE = 10;

/** What a family takes, in MB. */
interface Family {
  readonly workers: number;
  readonly idle: number;
  readonly served: number;
  /** Requests that it has not answered. */
  readonly missed: number;
}

export const memory: Scenario = {
  id: 'memory',
  setup: SETUPS.families,
  title: 'Memory of one more worker',
  how: 'Pss of /proc/PID/smaps_rollup, summed over all processes of the server, which counts what they share once: when all serve, and after so many requests (or lines) that each worker has had 500 on average (100 with --quick), of 8 clients, ten on a connection; the difference between the largest and the smallest family, for each worker more. Whatever else runs on the same Node binary shares in paying for its pages.',
  figures: {
    idle: { label: 'idle', unit: 'MB', better: 'less' },
    served: { label: 'having served', unit: 'MB', better: 'less' },
  },
  plot: { kind: 'lines', x: 'workers', y: 'MB of all processes, having served' },
  async run(server, size) {
    const families: Family[] = [];
    for (const workers of size.families) families.push(await familyOf(server, workers, size.requests / SHARE));
    const points = families.map(({ workers, served }): Point => [workers, served]);
    const [first, last] = [families[0], families.at(-1)];
    const more = (last?.workers ?? 0) - (first?.workers ?? 0);
    if (first === undefined || last === undefined || more === 0) {
      const figures = { idle: null, served: null };
      return { figures, points: points.slice(0, 1), note: 'it has one process in any case' };
    }
    const missed = families.reduce((sum, family) => sum + family.missed, 0);
    return {
      figures: { idle: (last.idle - first.idle) / more, served: (last.served - first.served) / more },
      points,
      note: noteOf(missed > 0 && `${missed} requests were not answered`),
    };
  },
};

async function familyOf(server: Server, wanted: number, requestsEach: number): Promise<Family> {
  const family = await server.another(wanted);
  try {
    const idle = familyMemory(family.members());
    const workers = family.serving().length;
    const requests = Math.ceil(workers * requestsEach);
    const work = { connections: CLIENTS, perConnection: 10, requests, seconds: LIMIT, warmUp: 0 };
    const { load } = await underLoad(family, work);
    return { workers, idle, served: familyMemory(family.members()), missed: requests - load.requests };
  } finally {
    await family.end();
  }
}

const MEBIBYTES = 100;
/** How long it may take until the worker has ended, and another one has started. */
const DEATH_TIMEOUT_MS = 10_000;
/** At rest is who takes so little more memory in such a time: MB, milliseconds. */
const REST = { growth: 0.5, pause: 100 } as const;

export const leak: Scenario = {
  id: 'leak',
  setup: SETUPS.http,
  title: 'A leak in one worker, and what its end gives back',
  how:
    `\`curl 127.0.0.1:PORT/leak?mb=${MEBIBYTES} --next 127.0.0.1:PORT/crash\` leaks in one worker and then ends it; the ` +
    'sum of Pss in /proc/PID/smaps_rollup of all processes before, in between, and when the one in its place has started.',
  figures: {
    before: { label: 'before', unit: 'MB', better: 'less' },
    leaked: { label: 'with the leak', unit: 'MB', better: null },
    after: { label: 'after its end', unit: 'MB', better: 'less' },
  },
  async run(server) {
    using connection = new HttpConnection(server.port);
    const memory = () => familyMemory(server.members());
    const victim = await connection.get('/');
    const workers = server.serving().length;
    const before = memory();
    await connection.get(`/leak?mb=${MEBIBYTES}`);
    const leaked = memory();
    if ((await connection.get('/crash')) !== victim) throw new Error('another process has answered');
    await orThrow(`${titleOf(server, victim)} does not end`, () => !isAlive(victim), DEATH_TIMEOUT_MS);
    if (!isAlive(server.root)) {
      return { figures: { before, leaked, after: null }, note: 'the service ended with its only process' };
    }
    const isFull = () => server.serving().length === workers;
    await orThrow('no other has taken its place', isFull, DEATH_TIMEOUT_MS);
    return { figures: { before, leaked, after: await atRest(memory) } };
  },
};

/** When a process that starts has what it needs. */
async function atRest(memory: () => number): Promise<number> {
  for (let [last, end] = [memory(), performance.now() + DEATH_TIMEOUT_MS]; ; ) {
    await sleep(REST.pause);
    const now = memory();
    if (Math.abs(now - last) < REST.growth || performance.now() > end) return now;
    last = now;
  }
}
