import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../proc/process.js';
import { HttpConnection } from '../clients/http.js';
import { titleOf } from '../instruments/proc.js';
import { familyMemory } from '../instruments/usage.js';
import { orThrow, type Scenario, SETUPS } from '../scenario.js';

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
