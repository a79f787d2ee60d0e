// When a process cannot be copied, fork() says why; the process then is what it was, and can fork later.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { endOf, startFixture, TIMEOUT } from '../../fixtures/fork/harness.js';
import { processStat } from '../../helpers/proc.js';
import { type Running, start } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { eventually } from '../../helpers/wait.js';

async function result(running: Running) {
  const end = await endOf(running);
  expect({ ...end, stderr: running.stderr.text }).toEqual({ code: 0, signal: null, stderr: '' });
  return running.stdout.json().at(-1);
}

/** Runs refused.mjs, whose fork is made impossible by `forbid` and possible again by the function that this gives. */
async function refusedBy(running: Running, forbid: (pid: number) => Promise<() => unknown> | (() => unknown)) {
  const [, pid] = await running.stdout.line(/"pid":(\d+)/);
  const allow = await forbid(Number(pid));
  running.stdin.write('forbidden\n');
  await running.stdout.line(/undo/);
  await allow();
  running.stdin.write('allowed\n');
  return result(running);
}

test.each([
  ['busyWorker', 'ERR_PREFORK_WORKER_BUSY'],
  ['busyPool', 'ERR_PREFORK_POOL_BUSY'],
  ['blockedRead', 'ERR_PREFORK_POOL_BUSY'],
])('%s: %s', { timeout: TIMEOUT }, async (name, code) => {
  expect(await result(await startFixture('scenarios/refused.mjs', name))).toEqual({
    refused: code,
    later: { code: 7 },
  });
});

test('in a Worker: ERR_PREFORK_NOT_MAIN_THREAD', async () => {
  const running = await startFixture('scenarios/refused-in-a-worker.mjs');
  expect(await result(running)).toEqual({ refused: 'ERR_PREFORK_NOT_MAIN_THREAD', later: 7 });
});

test.each([
  ['work that is soon done', '100000', '1000'],
  ['with patience, long work too', '6000000', '60000'],
])('%s only delays a fork', { timeout: TIMEOUT }, async (_name, iterations, patience) => {
  const running = await startFixture('scenarios/delayed.mjs', iterations, patience);
  await result(running);
  const by = (a: object, b: object) => JSON.stringify(a).localeCompare(JSON.stringify(b));
  expect(running.stdout.json().sort(by)).toEqual(
    [
      { code: 0, signal: null },
      { what: 'pbkdf2', in: 'parent' },
      { what: 'stat', in: 'parent' },
    ].sort(by),
  );
});

testWith('prlimit')('no descriptor is free: EMFILE', { timeout: TIMEOUT }, async () => {
  const running = await startFixture('scenarios/refused.mjs', 'noDescriptor');
  const said = await refusedBy(running, (pid) => {
    const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
    let free = 0;
    while (open.has(free)) free++;
    const limit = (number: number) => execFileSync('prlimit', ['--pid', `${pid}`, `--nofile=${number}:`]);
    limit(free);
    return () => limit(1024);
  });
  expect(said).toMatchObject({ refused: 'EMFILE', later: { code: 7 } });
});

testWith('python3')('a thread that a debugger holds: ERR_PREFORK_THREAD_STUCK', { timeout: TIMEOUT }, async () => {
  const running = await startFixture('scenarios/refused.mjs', 'heldThread');
  const said = await refusedBy(running, async (pid) => {
    const tid = readdirSync(`/proc/${pid}/task`).at(1) as string;
    const holder = await start('python3', [join(import.meta.dirname, '../../fixtures/fork/hold-thread.py'), tid]);
    await holder.line(/held/);
    return () => {
      holder.stdin.end();
      return holder.exit;
    };
  });
  expect(said).toEqual({ refused: 'ERR_PREFORK_THREAD_STUCK', later: { code: 7 } });
});

// The superuser is exempt from the limit. So all runs as a user of its own, who has so many processes and threads:
const LIMIT = 40;
const asUser = (uid: number, program: string, ...args: string[]) =>
  start('prlimit', [`--nproc=${LIMIT}`, 'setpriv', `--reuid=${uid}`, '--clear-groups', program, ...args], {
    group: true,
  });

describe.skipIf(process.getuid?.() !== 0)('the user may have no more processes: EAGAIN', () => {
  testWith('prlimit', 'setpriv').each([
    ['not one', 0],
    ['one, but not all of its threads', 3],
  ])('%s', { timeout: TIMEOUT }, async (_name, free) => {
    const uid = 60_000 + Math.floor(Math.random() * 5000);
    const script = join(import.meta.dirname, '../../fixtures/fork/scenarios/refused.mjs');
    const running = await asUser(uid, process.execPath, script, 'noProcess');
    const said = await refusedBy(running, async (pid) => {
      const fillers: Running[] = [];
      const threads = readdirSync(`/proc/${pid}/task`).length;
      for (let taken = threads + free; taken < LIMIT; taken++) fillers.push(await asUser(uid, 'cat'));
      // They have become that user's when they run cat.
      for (const { pid } of fillers) await eventually('cat runs', () => processStat(pid)?.command === 'cat');
      return () => {
        for (const filler of fillers) filler.stdin.end();
        return Promise.all(fillers.map(({ exit }) => exit));
      };
    });
    expect(said).toMatchObject({ refused: 'EAGAIN', later: { code: 7 } });
  });
});
