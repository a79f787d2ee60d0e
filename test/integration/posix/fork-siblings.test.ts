// What forked processes have to do with each other: who reaps them, what they share, how they accept in turn.
import { expect, test } from 'vitest';
import { runNative } from '../../helpers/process.js';

/** EPOLLEXCLUSIVE, EPOLLIN, EPOLLERR and EPOLLHUP, as fdinfo has them. */
const EXCLUSIVE = ['10000019'];
const orderly = { code: 0, signal: null, stderr: '' };

/** What a fixture says, and how its process ends. */
const run = (fixture: string, ...args: string[]) => runNative(fixture, args, ['--expose-gc']);

test('a sibling is the child of whoever started its maker, also one that could not start', async () => {
  const { said, ...end } = await run('siblings');
  expect(end).toEqual(orderly);
  expect(said.map((line) => JSON.stringify(line)).sort()).toEqual([
    '"waitpid ECHILD"',
    '[3,7,"refused"]',
    '{"childs":"waitpid ECHILD"}',
    '{"refused":"pipe EMFILE"}',
    '{"sibling":true}',
  ]);
});

test('a sibling ends with its parent where its maker does, also one that stands still', async () => {
  const { said, ...end } = await run('sibling-death'); // Its output ends when the sibling has ended, too.
  expect(end).toEqual(orderly);
  expect(said).toEqual([expect.any(Number)]);
});

test('six processes take 600 connections in equal parts', async () => {
  expect(await run('acceptor', 'spread')).toEqual({ ...orderly, said: [Array(6).fill(100)] });
});

test('a stopped one leaves connections to its siblings, a started or rearmed one is the last', async () => {
  const order = [0, 1, 2, 0, '1 stop', 2, 0, 2, '1 start', 0, 2, 1, '0 rearm', 2, 1, 0];
  expect(await run('acceptor', 'queue')).toEqual({ ...orderly, said: [order] });
});

test("a forked child has none of its parent's, but with keepHandles", async () => {
  const said = [{ child: [] }, { parent: EXCLUSIVE }, 'child took it'];
  expect(await run('acceptor', 'forked')).toEqual({ ...orderly, said });
});

test('a forked child shares memory, and a write to a mapping for reading is fatal', async () => {
  expect(await run('shared-memory')).toEqual({ ...orderly, said: [{ code: 2, first: 1, last: 2 }, 'SIGSEGV'] });
});
