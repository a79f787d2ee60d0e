import { expect, test } from 'vitest';
import { runNative } from '../helpers/process.js';

/** EPOLLEXCLUSIVE, EPOLLIN, EPOLLERR and EPOLLHUP, as fdinfo has them. */
const EXCLUSIVE = ['10000019'];

/** What a scenario says, and how its process ends. */
const run = (scenario: string, ...flags: string[]) => runNative('acceptor', [scenario], flags);

const orderly = { code: 0, signal: null, stderr: '' };

test('is registered with EPOLLEXCLUSIVE as long as it is started, after each connection too', async () => {
  expect(await run('registration')).toEqual({
    ...orderly,
    said: [
      {
        made: [],
        started: EXCLUSIVE,
        accepted: EXCLUSIVE,
        acceptedAgain: EXCLUSIVE,
        rearmed: EXCLUSIVE,
        stopped: [],
        rearmedWhenStopped: [],
        startedAgain: EXCLUSIVE,
        closed: [],
        taken: 2,
      },
    ],
  });
});

test('ticks and microtasks follow each connection, and what is thrown is an uncaught exception', async () => {
  const each = ['connection', 'tick', 'microtask'];
  expect(await run('callback')).toEqual({ ...orderly, said: [{ message: 'mine', seen: [...each, ...each] }] });
});

test('its own callback may close it', async () => {
  const said = [{ registered: [], start: 'uv_poll_start EBADF: bad file descriptor', drained: [-9] }];
  expect(await run('closing')).toEqual({ ...orderly, said });
});

test('drain takes all that waits, and gives the error of a listener that is shut down', async () => {
  const said = [{ connections: 5, accepted: 5, results: [-22] }, -22];
  expect(await run('drain')).toEqual({ ...orderly, said });
});

test('counts when another was faster', async () => {
  const { said, ...end } = await run('idle');
  expect(end).toEqual(orderly);
  expect(said).toEqual([
    expect.arrayContaining([
      { accepted: 1, idleWakeups: 0 },
      { accepted: 0, idleWakeups: 1 },
    ]),
  ]);
});

test('is collected with its descriptor when it is dropped, and never while it is started', async () => {
  expect(await run('collection', '--expose-gc')).toEqual({ ...orderly, said: [{ made: 20, taken: true }] });
});

test('environments end with one that is started', async () => {
  expect(await run('ends')).toEqual({
    ...orderly,
    said: [
      { end: 'process.exit(4)', code: 4, left: [] },
      { end: 'a.unref()', code: 0, left: [] },
      { end: 'a.stop()', code: 0, left: [] },
      { end: 'postMessage(1)', code: 1, left: [] },
    ],
  });
  expect(await run('exit')).toEqual({ ...orderly, code: 5, said: [] });
});
