// How much a worker that runs an attacker's code as nobody can have the monitor, which is root's, do by what it may say.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cpuTime } from '../../../src/proc/usage.js';
import { attack, isReplaced, isRoot, isUntouched, startHacked } from '../../fixtures/security/server.js';

const asRoot = test.skipIf(!isRoot);
const LISTEN = {
  ...{ type: 'listen', address: { host: '127.0.0.1', port: 1 }, ipv6Only: false, reusePort: false, first: false },
  ...{ has: [], backlog: 1, order: 1 },
};
/** Milliseconds of processor time that the monitor may spend on a process until it has had enough, on a slow machine. */
const MAX_CPU_MS = 3000;

/** Says it without end, so many at once. @param isAnswered the answer is read each time */
const flood = (text: string, count: number, isAnswered: boolean) => `const { posix, channel } = tools;
  const [fd, bytes] = [channel(), Buffer.from(${JSON.stringify(text)}.repeat(${count}))];
  for (let rest = bytes; ; ) {
    try {
      rest = rest.subarray(posix.write(fd, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      posix.poll(fd, 'write');
    }
    if (rest.length > 0) continue;
    rest = bytes;
    if (!${isAnswered}) continue;
    posix.poll(fd, 'read');
    posix.receiveMessage(fd).fds.forEach(posix.close);
  }`;

const line = (message: object) => `${JSON.stringify(message)}\n`;

asRoot.each([
  ['warnings', line({ type: 'warning', message: 'x' }), 50, false],
  ['long warnings', line({ type: 'warning', message: 'x'.repeat(60_000) }), 1, false],
  ['sockets that it may not have', line(LISTEN), 1, true],
  ['what it has closed', line({ type: 'closed', sockets: [] }), 50, false],
  ['turns', line({ type: 'once', name: 'a' }), 1, true],
])(
  '%s without end cost the worker its life, the monitor little time, and nobody else anything',
  async (...attacked) => {
    const [, text, count, isAnswered] = attacked;
    const server = await startHacked();
    const before = server.pids;
    const cpu = () => cpuTime(readFileSync(`/proc/${server.pid}/stat`, 'latin1'));
    const start = cpu();
    const attacking = attack(server, flood(text, count, isAnswered));
    const served = isReplaced(server, before, /it sent more messages than the 4000 at once and 500 a second/);
    // A request that the worker has accepted ends with it.
    const answers = await Promise.all(Array.from({ length: 20 }, () => server.ask().catch(() => 'lost with it')));
    expect(answers.filter((each) => before.includes(Number(each))).length).toBeGreaterThan(0);
    await served;
    expect(cpu() - start).toBeLessThan(MAX_CPU_MS);
    await attacking;
  },
);

asRoot('a worker that says again and again why it cannot serve does not fill the log', async () => {
  const server = await startHacked({ workers: 1, appArgs: ['complains'] });
  await isUntouched(server, server.pids);
  const lines = server.running.text.split('\n').filter((line) => line.includes('complaint'));
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThan(100);
});
