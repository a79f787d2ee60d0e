import { expect, test } from 'vitest';
import { nodesThreadName, threadNameOf, workerIdIn } from '../../../src/node/thread-names.js';

test("a Worker's thread is known by the name that it is given, and by what newer Nodes call it before", () => {
  expect(workerIdIn(threadNameOf(12))).toBe(12);
  expect(workerIdIn('pino-pretty')).toBeUndefined();
  expect(nodesThreadName()).toBe('WorkerThread');
  expect(nodesThreadName('pino-pretty')).toBe('pino-pretty');
  expect(nodesThreadName('file:///srv/app/transport.mjs')).toBe('file:///srv/app');
});
