// A process that has Workers is copied with them; by default they end in the child.
import { expect, test } from 'vitest';
import { endOf, startFixture, TIMEOUT } from '../../fixtures/fork/harness.js';

interface Said {
  readonly own?: boolean;
  readonly drawn?: readonly (string | number)[];
}

/** What the processes of a case say, and nothing on standard error. */
async function run(name: string): Promise<Said[]> {
  const running = await startFixture('scenarios/workers.mjs', name);
  const end = await endOf(running);
  expect({ ...end, stderr: running.stderr.text }).toEqual({ code: 0, signal: null, stderr: '' });
  return running.stdout.json();
}

const own = { own: true };
const ended = (code: number) => ({ child: expect.any(Number), code, signal: null });

test('each Worker has the process id of its process, and draws numbers of its own', { timeout: TIMEOUT }, async () => {
  const said = await run('identity');
  expect(said.filter((line) => 'child' in line)).toEqual(Array(3).fill(ended(7)));
  const draws = said.filter((line) => 'drawn' in line);
  expect(draws.map((line) => line.own)).toEqual(Array(4).fill(true));
  const values = draws.flatMap(({ drawn = [] }) => drawn);
  expect(new Set(values).size).toBe(4 * 3);
});

test('many that draw at the same time draw numbers of their own', { timeout: TIMEOUT }, async () => {
  const said = await run('together');
  const values = said.flatMap(({ drawn = [] }) => drawn);
  expect(values.length).toBe(20 * 8);
  expect(new Set(values).size).toBe(values.length);
});

test('one in Atomics.wait, too, whose code is optimised', { timeout: TIMEOUT }, async () => {
  const child = [own, ended(7)];
  expect(await run('atomics')).toEqual([...child, ...child, ...child, own]);
});

test('ports, transferred buffers, exit codes and terminate() are as before', { timeout: TIMEOUT }, async () => {
  expect(await run('asBefore')).toEqual([{ length: 1000, left: 0, status: 5, terminated: 1 }, ended(7)]);
});

test('a file that a Worker reads is waited for', { timeout: TIMEOUT }, async () => {
  expect(await run('underWay')).toEqual([{ length: 20 << 20, code: 7, signal: null }]);
});

test('a refusal names the Worker, and the line where it computes', { timeout: TIMEOUT }, async () => {
  const running = await startFixture('scenarios/workers.mjs', 'named');
  expect(await endOf(running)).toEqual({ code: null, signal: 'SIGKILL' });
  expect(running.stdout.text).toMatch(/Worker 2 \\"mill\\" computes in grind at \[worker eval\]:1:\d+/);
  expect(running.stdout.text).toMatch(/Worker 3 starts, ends or is in native code/);
});

test("with restWorkers the parent's stand still between forks", { timeout: TIMEOUT }, async () => {
  const goesOn = { goesOn: true };
  const said = await run('resting');
  expect(said.filter((line) => !('child' in line))).toEqual([goesOn, goesOn, { rests: true }, goesOn, goesOn]);
});

test('a Worker that watches a folder does so in both processes', { timeout: TIMEOUT }, async () => {
  expect(await run('watching')).toEqual([own, ended(7), own]);
});

test('by default they end in the child, and no event tells of it', { timeout: TIMEOUT }, async () => {
  expect(await run('byDefault')).toEqual([ended(7), ended(0)]);
});

test('module hooks go on in any case', { timeout: TIMEOUT }, async () => {
  expect(await run('hooks')).toEqual([own, ended(7), own, ended(7)]);
});

test('one that computes is waited for, and refuses the fork when it takes too long', { timeout: TIMEOUT }, async () => {
  expect(await run('computing')).toEqual([ended(7)]);
});

test('those that just start are waited for', { timeout: TIMEOUT }, async () => {
  expect(await run('starting')).toEqual([own, ended(7)]);
});
