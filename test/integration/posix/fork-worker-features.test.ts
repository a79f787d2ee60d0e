// What Workers (worker_threads) can do, they can do in a child, and in its child, that has copied them.
import { expect, test } from 'vitest';
import { endOf, startFixture, TIMEOUT } from '../../fixtures/fork/harness.js';

test.each([
  ['nested', [true, true, 1]],
  ['resourceLimits', [24, 'ERR_WORKER_OUT_OF_MEMORY']],
  ['streams', ['got it', 3]],
  ['sharedEnvironment', [1, true]],
  ['receivedOnPort', ['hello', true, 1]],
  ['transferred', ['// ', '// ', 'blob', 'key', 5, 0, 1]],
  ['betweenWorkers', [4, true, 1]],
  [
    'broadcast',
    [
      ['hear', true],
      ['hear', true],
    ],
  ],
  ['exit', [9]],
  ['error', ['RangeError', 'too much', 1]],
])('%s', { timeout: TIMEOUT }, async (name, saw) => {
  const running = await startFixture('scenarios/worker-features.mjs', name);
  const end = await endOf(running);
  expect({ ...end, stderr: running.stderr.text }).toEqual({ code: 0, signal: null, stderr: '' });
  const said = running.stdout.text.split('\n').filter(Boolean);
  expect(said.map((line) => JSON.parse(line))).toEqual([2, 1, 0].map((depth) => ({ depth, saw })));
});
